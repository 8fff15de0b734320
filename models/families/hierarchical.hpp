#pragma once

#include <cstdint>
#include <memory>

#include "models/model.hpp"

namespace musicvae::models {

/// MusicVAE's hierarchical decoder (Roberts et al. 2018, section 3.2): z starts a conductor LSTM,
/// which takes one step a bar and reads the bar's control. Its output starts and accompanies a
/// decoder LSTM that is the same for every bar. The decoder forgets the bar before, except for its
/// last row (carry_row).
std::shared_ptr<Model> make_hierarchical(const ModelConfig& config, torch::Generator generator);
std::int64_t hierarchical_weights(const ModelConfig& config);

}  // namespace musicvae::models
