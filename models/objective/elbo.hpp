#pragma once

#include <cstdint>

#include <torch/types.h>

#include "models/model.hpp"

/// The terms of the evidence lower bound, and their weights over the course of training.
namespace musicvae::models {

/// LossOptions::reveal_share in training (Chen et al. 2020).
inline constexpr double kRevealShare = 0.3;

/// How the weight of the KL term grows.
struct KlOptions {
  double beta = 0.2;            ///< beta-VAE weight (Higgins et al. 2017), reached by annealing.
  double annealing_rate = 0.0;  ///< beta_t = beta (1 - rate^t) (Bowman et al. 2016); 0 is off.
  /// Steps after which beta begins again from 0; it grows for the first half of them, straight
  /// (cyclical annealing, Fu et al. 2019). 0 is off.
  std::int64_t cycle = 0;
};

/// beta at optimiser step `step`.
double annealed_beta(const KlOptions& options, std::int64_t step);

/// Probability of feeding a sampled row at `step`: 1 - k / (k + exp(step / k)), the inverse sigmoid
/// decay of Bengio et al. 2015; 0 for k = 0 (teacher forcing).
double sampling_probability(double k, std::int64_t step);

/// The temperature of a categorical z at `step`: `start` rate^step, and at least `least` (Jang et
/// al. 2017).
double annealed_relaxation(double start, double rate, double least, std::int64_t step);

/// One draw of z from q(z|x). The noise is as PosteriorKind::draw() takes it, on any device.
LatentDraw draw_posterior(const Model& model, const Posterior& posterior,
                          const torch::Tensor& noise_BZ, const DrawOptions& options = {});

/// Noise for draw_posterior() from `generator`, of the posterior's sizes.
torch::Tensor posterior_noise(const Model& model, const Posterior& posterior,
                              torch::Generator generator);

/// KL(q(z|x) || p(z)) in nats.
struct KlTerm {
  torch::Tensor kl_B;
  torch::Tensor kl_BD;  ///< By dimension; undefined where there is no closed form.
};

/// In closed form where there is one, else log q(z|x) - log p(z) of the draw. Sums bars that have
/// latents.
KlTerm kl_term(const Model& model, const Posterior& posterior, const LatentDraw& draw);

/// -log p(row | z, rows before) in nats, from Model::decode()'s logits: [B, U, R]. It is 0 at
/// padding and in known bars.
torch::Tensor row_loss_BUR(const ModelConfig& config, const torch::Tensor& logits_PW,
                           const Batch& batch);

/// log 1/K sum_k p(x, z_k) / q(z_k|x) of K draws, in nats: [B], a lower bound of log p(x) that
/// rises with K (Burda et al. 2016). Only where z is drawn (ObjectiveTraits::noise), and for models
/// without bar latents.
torch::Tensor importance_bound_B(Model& model, const Batch& batch, int samples,
                                 const torch::Generator& generator);

}  // namespace musicvae::models
