#pragma once

#include <optional>

#include "src/live/controls.hpp"
#include "src/music/musicvae.hpp"

namespace musicvae {

/// Ways to answer a call.
enum class AnswerKind {
  kReconstruct,  ///< The call as the model understands it.
  kVary,         ///< Something near it.
  kToward,       ///< Something on the way from it to another piece.
  kContinue,     ///< What comes after it, by a model of whole passages.
  kInpaint,      ///< What comes after it, by a model that fills gaps.
};

struct AnswerOptions {
  AnswerKind kind = AnswerKind::kVary;
  double amount = 0.5;  ///< How much noise to add, in the prior's sigmas; or how far to go toward
                        ///< the piece (0 to 1).
  std::optional<datasets::Passage> piece;  ///< The piece of kToward.
  Controls controls = {};  ///< Their dimensions and vectors move what is decoded from latents.
  std::vector<Latent> vectors = {};  ///< In the order of `controls`.
  GenerationOptions generation;
};

/// An answer of as many bars as `call` has, in its meters. `round` gives each its own noise. Throws
/// Error where the model cannot do what is asked: inpaint, or continue where its passages are
/// single bars.
datasets::Passage answer(const MusicVae& model, const datasets::Passage& call, int round,
                         const AnswerOptions& options);

}  // namespace musicvae
