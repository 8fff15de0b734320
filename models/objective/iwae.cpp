#include <cmath>
#include <memory>
#include <vector>

#include <torch/utils.h>

#include "models/objective/elbo.hpp"
#include "models/objective/objectives.hpp"
#include "models/registries.hpp"

namespace musicvae::models {
namespace {

/// The gradient that goes from log weights to the encoder, through z and no longer through log q,
/// is weighed once more by each draw's share (Tucker et al. 2019, equation 8). `share_B` is filled
/// in when it is known.
void weigh_gradient(const torch::Tensor& z_BZ, const std::shared_ptr<torch::Tensor>& share_B) {
  if (!z_BZ.requires_grad()) return;
  z_BZ.register_hook(
      [share_B](const torch::Tensor& gradient) { return gradient * share_B->unsqueeze(-1); });
}

}  // namespace

Loss iwae_loss(const LossStep& step) {
  auto& [model, batch, options, noise] = step;
  const auto posterior = model.encode(batch);
  const Posterior still{posterior.mu_BZ.detach(), posterior.sigma_BZ.detach()};
  const bool twice = options.doubly_reparameterised;
  if (twice && !posterior_traits(model.config().posterior).gaussian) {
    throw ModelError(
        "the doubly reparameterised gradient needs log q(z|x) with the encoder held still, which "
        "is written for --posterior gaussian alone");
  }
  std::vector<torch::Tensor> log_weights, kls, rows, correct;
  std::vector<std::shared_ptr<torch::Tensor>> shares;
  for (int k = 0; k < options.importance_samples; ++k) {
    const auto draw = draw_posterior(model, posterior, latent_noise(step, posterior), options.draw);
    if (twice) weigh_gradient(draw.z_BZ, shares.emplace_back(std::make_shared<torch::Tensor>()));
    const auto reconstruction = reconstruct(step, draw.z_BZ);
    const auto log_q_B =
        twice ? model.posterior_kind().log_density_B(still, draw.z_BZ) : draw.log_q_B;
    kls.push_back(log_q_B - model.prior_kind().log_density_B(draw.z_BZ));
    log_weights.push_back(-reconstruction.loss_B - options.beta * kls.back());
    rows.push_back(reconstruction.loss_B);
    correct.push_back(reconstruction.correct_rows);
  }
  const auto log_weights_KB = torch::stack(log_weights);
  const auto share_KB = torch::softmax(log_weights_KB, 0).detach();
  for (std::size_t k = 0; k < shares.size(); ++k) {
    *shares[k] = share_KB[static_cast<std::int64_t>(k)];
  }
  const auto bound_B = log_weights_KB.logsumexp(0) - std::log(double(options.importance_samples));
  const auto samples = options.importance_samples;
  return loss_of(step, -bound_B,
                 {torch::stack(rows).mean(0), torch::stack(correct).sum().div(samples, "floor")},
                 torch::stack(kls).mean(0));
}

}  // namespace musicvae::models
