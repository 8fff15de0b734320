#pragma once

#include <cstdint>
#include <optional>

#include <torch/types.h>

#include "models/model.hpp"

namespace musicvae::models {

/// LossOptions::reveal_share in training (Chen et al. 2020).
inline constexpr double kRevealShare = 0.3;

/// Weight and floor of the KL term.
struct KlOptions {
  double beta = 0.2;            ///< beta-VAE weight (Higgins et al. 2017), reached by annealing.
  double annealing_rate = 0.0;  ///< beta_t = beta (1 - rate^t) (Bowman et al. 2016); 0 is none.
  double free_bits = 48;        ///< Of the total KL of a passage, in bits (Kingma et al. 2016).
};

/// beta at optimiser step `step`.
double annealed_beta(const KlOptions& options, std::int64_t step);

/// Probability of feeding a sampled row at `step`: 1 - k / (k + exp(step / k)), the inverse sigmoid
/// decay of Bengio et al. 2015; 0 for k = 0 (teacher forcing).
double sampling_probability(double k, std::int64_t step);

/// KL(q(z|x) || N(0, I)) in nats, a passage: [B].
torch::Tensor kl_divergence_B(const Posterior& posterior);

/// One reparametrised draw: mu + sigma * noise, the noise from N(0, 1).
torch::Tensor sample_posterior_BZ(const Posterior& posterior, const torch::Tensor& noise_BZ);

/// -log p(row | z, rows before) in nats, of Model::decode()'s logits: [B, U, R], 0 at padding and
/// in bars that are known.
torch::Tensor row_loss_BUR(const ModelConfig& config, const torch::Tensor& logits_PW,
                           const Batch& batch);

struct Loss {
  torch::Tensor total;             ///< Scalar with gradient: mean over passages of
                                   ///< reconstruction + beta max(KL - free_bits ln 2, 0).
  torch::Tensor reconstruction_B;  ///< Nats a passage.
  torch::Tensor kl_B;              ///< Nats a passage.
  torch::Tensor correct_rows;      ///< Scalar: rows whose likeliest value is the true one.
  torch::Tensor rows;              ///< Scalar; of the bars to be found.
};

/// Where passages lie in a larger batch that several processes share.
struct BatchPlace {
  std::int64_t first = 0;     ///< Passages before them.
  std::int64_t passages = 0;  ///< Of the whole batch.
  std::int64_t rows = 0;      ///< Of the longest bar of the whole batch.
};

struct LossOptions {
  double beta = 1;
  double free_bits = 0;
  /// Scheduled sampling in two parallel passes (Duckworth et al. 2019): rows sampled in a first
  /// pass, under teacher forcing, replace inputs of the second with this probability.
  double sampling_probability = 0;
  /// Probability with which the decoder does not see a row before the next (word dropout, Bowman et
  /// al. 2016), so that it has to listen to z.
  double row_dropout = 0;
  /// Share of batches in which bars are missing (draw_gaps()); only for models that inpaint.
  double gap_share = 0;
  /// Share of missing bars whose pitches are told, and of those whose rhythm is; only for models
  /// that sketch.
  double reveal_share = 0;
  /// Gives the passages the noise that the whole batch's call would have given them.
  std::optional<BatchPlace> place = std::nullopt;
};

/// The negative ELBO at one sample of z, with what its gradient needs.
Loss compute_loss(Model& model, const Batch& batch, const LossOptions& options,
                  torch::Generator generator);

}  // namespace musicvae::models
