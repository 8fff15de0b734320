#include <torch/utils.h>

#include "models/objective/elbo.hpp"
#include "models/objective/objectives.hpp"

namespace musicvae::models {
namespace {

torch::Tensor mean_kernel(const torch::Tensor& a_BZ, const torch::Tensor& b_BZ) {
  const auto square_BB = (a_BZ.unsqueeze(1) - b_BZ.unsqueeze(0)).square().sum(-1);
  return torch::exp(-square_BB / (2.0 * double(a_BZ.size(1)))).mean();
}

}  // namespace

torch::Tensor mean_discrepancy(const torch::Tensor& a_BZ, const torch::Tensor& b_BZ) {
  return mean_kernel(a_BZ, a_BZ) + mean_kernel(b_BZ, b_BZ) - 2 * mean_kernel(a_BZ, b_BZ);
}

Loss mmd_loss(const LossStep& step) {
  auto& [model, batch, options, noise] = step;
  require_whole_batch(step, "objective 'mmd'");
  const auto posterior = model.encode(batch);
  const auto draw = draw_posterior(model, posterior, latent_noise(step, posterior), options.draw);
  const auto reconstruction = reconstruct(step, draw.z_BZ);
  const auto prior_BZ =
      model.prior_kind().draw_BZ(draw.z_BZ.size(0), 1, noise.generator()).to(draw.z_BZ.options());
  const auto apart = mean_discrepancy(draw.z_BZ, prior_BZ);
  const auto kl_B =
      draw.log_q_B.defined() ? kl_term(model, posterior, draw).kl_B.detach() : torch::Tensor();
  return loss_of(step, reconstruction.loss_B + options.mmd_weight * apart, reconstruction, kl_B);
}

}  // namespace musicvae::models
