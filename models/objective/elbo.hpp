#pragma once

#include <cstdint>
#include <optional>

#include <nlohmann/json.hpp>
#include <torch/types.h>

#include "models/model.hpp"

namespace musicvae::models {

/// LossOptions::reveal_share in training (Chen et al. 2020).
inline constexpr double kRevealShare = 0.3;

/// Weight and floor of the KL term.
struct KlOptions {
  double beta = 0.2;            ///< beta-VAE weight (Higgins et al. 2017), reached by annealing.
  double annealing_rate = 0.0;  ///< beta_t = beta (1 - rate^t) (Bowman et al. 2016); 0 is off.
  /// KL of a whole passage that costs nothing, in bits (Kingma et al. 2016).
  double free_bits = 48;
};

/// beta at optimiser step `step`.
double annealed_beta(const KlOptions& options, std::int64_t step);

/// Probability of feeding a sampled row at `step`: 1 - k / (k + exp(step / k)), the inverse sigmoid
/// decay of Bengio et al. 2015; 0 for k = 0 (teacher forcing).
double sampling_probability(double k, std::int64_t step);

/// KL(q(z|x) || N(0, I)) of each passage in nats, summed over bars that have latents: [B].
torch::Tensor kl_divergence_B(const Posterior& posterior);

/// One reparametrised draw: mu + sigma * noise. The noise is from N(0, 1).
torch::Tensor sample_posterior_BZ(const Posterior& posterior, const torch::Tensor& noise_BZ);

/// -log p(row | z, rows before) in nats, from Model::decode()'s logits: [B, U, R]. It is 0 at
/// padding and in known bars.
torch::Tensor row_loss_BUR(const ModelConfig& config, const torch::Tensor& logits_PW,
                           const Batch& batch);

struct Loss {
  torch::Tensor total;             ///< Scalar with gradient: mean over passages of
                                   ///< reconstruction + beta max(KL - free_bits ln 2, 0).
  torch::Tensor reconstruction_B;  ///< Nats a passage.
  torch::Tensor kl_B;              ///< Nats a passage, from N(0, I), or an upper bound of that from
                                   ///< the model's own prior.
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
  /// Where the passages lie in a shared batch. They then get the noise that a call with the whole
  /// batch would have given them.
  std::optional<BatchPlace> place = std::nullopt;
};

/// The negative ELBO at one sample of z, with what its gradient needs. Where bars have latents,
/// these are drawn towards N(0, I), and -log p(bars) of the prior is added to the total. Where the
/// prior alone is trained, the total is that, and no rows are decoded.
Loss compute_loss(Model& model, const Batch& batch, const LossOptions& options,
                  torch::Generator generator);

}  // namespace musicvae::models
