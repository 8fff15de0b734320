#pragma once

#include <optional>

#include "src/music/generation.hpp"

namespace musicvae {

/// What to answer to a call.
enum class AnswerKind {
  kReconstruct,  ///< The call as the model understands it.
  kVary,         ///< Something near it.
  kToward,       ///< Something on the way from it to another piece.
  kContinue,     ///< What comes after it, by a model of whole passages.
  kInpaint,      ///< What comes after it, by a model that fills gaps.
};

struct AnswerOptions {
  AnswerKind kind = AnswerKind::kVary;
  double amount = 0.5;  ///< Of noise, in the prior's sigmas; or of the way to the piece (0 to 1).
  std::optional<datasets::Passage> piece;  ///< To go toward.
  GenerationOptions generation;
};

/// As many bars as `call` has, in its meters. `round` gives each its own noise. Throws Error where
/// the model cannot do what is asked: inpaint, or continue where its passages are single bars.
datasets::Passage answer(const MusicModel& model, const datasets::Passage& call, int round,
                         const AnswerOptions& options);

}  // namespace musicvae
