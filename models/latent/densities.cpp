#include "models/latent/densities.hpp"

#include <cmath>
#include <utility>

#include <torch/utils.h>

namespace musicvae::models {

torch::Tensor gaussian_log_density(const torch::Tensor& z, const torch::Tensor& mu,
                                   const torch::Tensor& sigma) {
  static const double kHalfLogTwoPi = 0.5 * std::log(2 * std::acos(-1.0));
  return -0.5 * ((z - mu) / sigma).square() - sigma.log() - kHalfLogTwoPi;
}

torch::Tensor sum_B(const torch::Tensor& values) { return values.flatten(1).sum(-1); }

torch::Tensor first_values(torch::IntArrayRef sizes, double stddev, torch::Generator generator) {
  auto values = torch::zeros(sizes);
  if (generator.defined()) values.normal_(0, stddev, std::move(generator));
  return values;
}

}  // namespace musicvae::models
