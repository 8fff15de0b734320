#pragma once

#include <torch/types.h>

#include "models/latent.hpp"

namespace musicvae::models {

/// log N(z; mu, sigma^2) in nats, dimension by dimension; the three broadcast.
torch::Tensor gaussian_log_density(const torch::Tensor& z, const torch::Tensor& mu,
                                   const torch::Tensor& sigma);

/// Sums all but the first dimension.
torch::Tensor sum_B(const torch::Tensor& values);

/// A matrix N(0, stddev^2), or one to be loaded if the generator is undefined.
torch::Tensor first_values(torch::IntArrayRef sizes, double stddev, torch::Generator generator);

}  // namespace musicvae::models
