#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <nlohmann/json.hpp>
#include <torch/types.h>

#include "models/model.hpp"

namespace musicvae::models {

struct Loss {
  torch::Tensor total;             ///< Scalar with gradient: mean over passages of what the
                                   ///< objective minimises.
  torch::Tensor reconstruction_B;  ///< Nats a passage.
  torch::Tensor kl_B;              ///< Nats a passage: KL(q(z|x) || p(z)), at the z drawn where
                                   ///< it has no closed form, an upper bound of it where bars have
                                   ///< latents, and 0 where nothing is drawn.
  torch::Tensor correct_rows;      ///< Scalar: rows whose likeliest value is the true one.
  torch::Tensor rows;              ///< Scalar: rows of the bars to be found.
};

/// Where a process's passages lie in the batch that several processes share.
struct BatchPlace {
  std::int64_t first = 0;     ///< Passages of the whole batch before these.
  std::int64_t passages = 0;  ///< Passages of the whole batch.
  std::int64_t rows = 0;      ///< Rows of the whole batch's longest bar.
};

/// The part of a model with bar latents that is trained. Other models have one part.
enum class Learn {
  kBars,   ///< Bars under the prior N(0, I), which gives their latents a scale.
  kPrior,  ///< The prior of the bars' latents; what makes bars stays as it is.
  kBoth,   ///< Both at once, as if each were alone.
};
NLOHMANN_JSON_SERIALIZE_ENUM(Learn, {{Learn::kBars, "bars"},
                                     {Learn::kPrior, "prior"},
                                     {Learn::kBoth, "both"}})

/// How objective `sparse` holds codes down.
enum class Sparsity {
  kL1,  ///< The sum of their sizes.
  kKl,  ///< KL(target || mean activity) of each unit, whose activity is its sigmoid (Ng 2011).
};
NLOHMANN_JSON_SERIALIZE_ENUM(Sparsity, {{Sparsity::kL1, "l1"}, {Sparsity::kKl, "kl"}})

struct LossOptions {
  Learn learn = Learn::kBoth;
  double beta = 1;
  double free_bits = 0;
  /// Scheduled sampling in two parallel passes (Duckworth et al. 2019): rows sampled in a first
  /// pass, under teacher forcing, replace inputs of the second with this probability.
  double sampling_probability = 0;
  /// Probability that the decoder does not see a row when it decodes the next one (word dropout,
  /// Bowman et al. 2016). It then has to listen to z.
  double row_dropout = 0;
  /// Share of batches in which bars are missing (draw_gaps()); only for models that inpaint. Where
  /// bars have latents, the prior alone misses them.
  double gap_share = 0;
  /// Share of missing bars whose pitches are told, and share of missing bars whose rhythm is told;
  /// only for models that sketch.
  double reveal_share = 0;
  /// The objective; empty is the model's own.
  std::string objective = {};
  /// KL bits of each passage and dimension that cost nothing; for closed forms of the KL.
  double free_bits_each = 0;
  DrawOptions draw = {};                ///< For a categorical z.
  int importance_samples = 8;           ///< K of objective `iwae`.
  bool doubly_reparameterised = false;  ///< Its gradient by Tucker et al. 2019.
  double mmd_weight = 100;              ///< Weight in objective `mmd`.
  Sparsity sparsity = Sparsity::kL1;    ///< The kind in objective `sparse`.
  double sparsity_weight = 0.1;
  double sparsity_target = 0.05;    ///< The share of a unit's activity under Sparsity::kKl.
  double contraction_weight = 0.1;  ///< Weight in objective `contractive`.
  /// Share of rows struck out, and of notes moved, before the encoder sees them under `denoising`.
  double corruption = 0.1;
  /// Where the passages lie in a shared batch. They then get the noise that a call with the whole
  /// batch would have given them.
  std::optional<BatchPlace> place = std::nullopt;
};

/// What training minimises, with what its gradient needs: the model's objective, one of
/// models/objective/registry.cpp. Where bars have latents, these are drawn towards N(0, I), and
/// -log p(bars) of the prior is added to the total. Where the prior alone is trained, the total is
/// that, and no rows are decoded. Throws ModelError where an option does not fit the model.
Loss compute_loss(Model& model, const Batch& batch, const LossOptions& options,
                  torch::Generator generator);

}  // namespace musicvae::models
