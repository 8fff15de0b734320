#include "models/objective/information.hpp"

#include <cmath>

#include <torch/utils.h>

namespace musicvae::models {

void MutualInformation::add(const Posterior& posterior, const torch::Tensor& z_BZ) {
  passages_ += z_BZ.size(0);
  mu_.push_back(posterior.mu_BZ.detach());
  sigma_.push_back(posterior.sigma_BZ.detach());
  z_.push_back(z_BZ.detach());
}

double MutualInformation::bits(const Model& model) const {
  if (passages_ == 0) return 0;
  const torch::NoGradGuard no_grad;
  const auto mu_NZ = torch::cat(mu_), sigma_NZ = torch::cat(sigma_), z_NZ = torch::cat(z_);
  auto& kind = model.posterior_kind();
  std::vector<torch::Tensor> of_others;  // log q(z of all | each passage).
  for (std::int64_t i = 0; i < passages_; ++i) {
    const Posterior one{mu_NZ.narrow(0, i, 1).expand_as(mu_NZ),
                        sigma_NZ.narrow(0, i, 1).expand_as(sigma_NZ)};
    of_others.push_back(kind.log_density_B(one, z_NZ));
  }
  const auto log_q_NN = torch::stack(of_others).to(torch::kDouble);
  const auto own_N = log_q_NN.diagonal();
  const auto mean_N = log_q_NN.logsumexp(0) - std::log(double(passages_));
  return (own_N - mean_N).mean().item<double>() / std::log(2.0);
}

}  // namespace musicvae::models
