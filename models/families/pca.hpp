#pragma once

#include <cstdint>
#include <memory>

#include "models/model.hpp"

namespace musicvae::models {

/// The linear autoencoder with the least squared error: the principal axes of all passages, each of
/// which is one vector of its rows. fit() finds them exactly. z is a passage's distance from the
/// mean along each axis, in standard deviations, so that codes have zero mean and no correlation.
/// What comes back along the axes, cut to between 0 and 1, is taken for a row's probabilities.
std::shared_ptr<Model> make_pca(const ModelConfig& config, torch::Generator generator);
std::int64_t pca_weights(const ModelConfig& config);

}  // namespace musicvae::models
