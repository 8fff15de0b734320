#pragma once

#include <torch/types.h>

namespace musicvae::models {

/// How many random numbers draw_gaps() takes for each passage.
inline constexpr int kGapNumbers = 5;

/// The bars to leave out in training an inpainter: bool [B, U]. Each passage lacks one run of bars
/// at any place, up to half of the passage long. Some passages lack a second run, and a few lack
/// all bars, so that no gap a user may ask for is foreign. `lengths_BU` is as in Batch. `numbers`
/// are from [0, 1), on the CPU: [B, kGapNumbers].
torch::Tensor draw_gaps(const torch::Tensor& lengths_BU, const torch::Tensor& numbers);

}  // namespace musicvae::models
