#include "models/objective/elbo.hpp"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include <torch/utils.h>

#include "models/layers/rows.hpp"
#include "models/runtime/transfer.hpp"

namespace musicvae::models {

double annealed_beta(const KlOptions& options, std::int64_t step) {
  if (options.cycle > 0) {
    const double way = double(step % options.cycle) / double(options.cycle);
    return options.beta * std::min(1.0, 2 * way);
  }
  if (options.annealing_rate == 0) return options.beta;
  return options.beta * (1 - std::pow(options.annealing_rate, static_cast<double>(step)));
}

double sampling_probability(double k, std::int64_t step) {
  if (k == 0) return 0;
  return 1 - k / (k + std::exp(static_cast<double>(step) / k));
}

double annealed_relaxation(double start, double rate, double least, std::int64_t step) {
  return std::max(least, start * std::pow(rate, static_cast<double>(step)));
}

LatentDraw draw_posterior(const Model& model, const Posterior& posterior,
                          const torch::Tensor& noise_BZ, const DrawOptions& options) {
  const auto here_BZ = send(noise_BZ, posterior.mu_BZ.device()).to(posterior.mu_BZ.scalar_type());
  return model.posterior_kind().draw(posterior, here_BZ, options);
}

torch::Tensor posterior_noise(const Model& model, const Posterior& posterior,
                              torch::Generator generator) {
  const auto sizes = posterior.mu_BZ.sizes();
  return model.posterior_kind().uniform_noise() ? torch::rand(sizes, std::move(generator))
                                                : torch::randn(sizes, std::move(generator));
}

KlTerm kl_term(const Model& model, const Posterior& posterior, const LatentDraw& draw) {
  if (model.posterior_kind().closed_kl()) {
    const auto kl_BD = model.prior_kind().kl_BD(posterior);
    if (kl_BD.defined()) return {kl_BD.flatten(1).sum(-1), kl_BD};
  }
  return {draw.log_q_B - model.prior_kind().log_density_B(draw.z_BZ), {}};
}

torch::Tensor row_loss_BUR(const ModelConfig& config, const torch::Tensor& logits_PW,
                           const Batch& batch) {
  const auto loss_P = row_loss(config.row_kind, logits_PW, batch.at_targets(batch.rows));
  return batch.with_targets(loss_P.new_zeros(batch.rows.sizes().slice(0, 3)), loss_P);
}

torch::Tensor importance_bound_B(Model& model, const Batch& given, int samples,
                                 const torch::Generator& generator) {
  Batch batch = given;
  batch.reading_BUD = model.read(batch);
  const auto posterior = model.encode(batch);
  std::vector<torch::Tensor> log_weights;
  for (int k = 0; k < samples; ++k) {
    const auto draw =
        draw_posterior(model, posterior, posterior_noise(model, posterior, generator));
    const auto rows_B =
        row_loss_BUR(model.config(), model.decode(draw.z_BZ, batch), batch).sum({1, 2});
    log_weights.push_back(model.prior_kind().log_density_B(draw.z_BZ) - draw.log_q_B - rows_B);
  }
  return torch::stack(log_weights).logsumexp(0) - std::log(double(samples));
}

}  // namespace musicvae::models
