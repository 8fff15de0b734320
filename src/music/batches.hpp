#pragma once

#include <span>
#include <vector>

#include "src/music/music_model.hpp"

namespace musicvae {

/// Rows of B passages as the network's batch, on the model's device.
models::Batch make_batch(const MusicModel& model,
                         std::span<const std::vector<datasets::BarRows>> passages);

/// What generation needs of the bars to fill.
struct Controls {
  torch::Tensor controls_BUC;
  torch::Tensor present_BU;  ///< bool
};

/// Controls of the bars in `layouts`, whose rows are not looked at.
Controls make_controls(const MusicModel& model,
                       std::span<const std::vector<datasets::BarRows>> layouts);

}  // namespace musicvae
