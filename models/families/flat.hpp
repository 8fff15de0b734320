#pragma once

#include <cstdint>
#include <memory>

#include "models/model.hpp"

namespace musicvae::models {

/// MusicVAE's flat decoder (Roberts et al. 2018, section 2): one LSTM over all rows of the passage.
/// z starts it. At every step it reads z, the control of the row's bar, and the row before.
std::shared_ptr<Model> make_flat(const ModelConfig& config, torch::Generator generator);
std::int64_t flat_weights(const ModelConfig& config);

}  // namespace musicvae::models
