#pragma once

#include <torch/types.h>

namespace musicvae::models {

/// Numbers that draw_gaps() takes a passage.
inline constexpr int kGapNumbers = 5;

/// Bars to leave out in training an inpainter, bool [B, U]: of each passage one run of bars at any
/// place, up to half of them long, at times a second one, and now and then all bars, so that no gap
/// a user may ask for is foreign. Lengths as Batch's; numbers [B, kGapNumbers] of [0, 1), on the
/// CPU.
torch::Tensor draw_gaps(const torch::Tensor& lengths_BU, const torch::Tensor& numbers);

}  // namespace musicvae::models
