#pragma once

#include <cstdint>
#include <memory>

#include "models/model.hpp"

namespace musicvae::models {

/// The VAE of the textbooks (Kingma and Welling 2014): hidden layers each way, from the rows of a
/// passage as one vector to z, and from z to all rows at once, which are independent given z.
///
/// `encoder` and `decoder` are the hidden layers. Bars beyond `bars` and rows beyond rows_per_bar
/// cannot be read.
std::shared_ptr<Model> make_mlp(const ModelConfig& config, torch::Generator generator);
std::int64_t mlp_weights(const ModelConfig& config);

}  // namespace musicvae::models
