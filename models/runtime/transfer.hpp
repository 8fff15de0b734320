#pragma once

#include <torch/types.h>

namespace musicvae::models {

/// `tensor` on `device`. Nothing waits where a CPU tensor goes to a CUDA device: the copy takes its
/// turn among the device's work.
torch::Tensor send(const torch::Tensor& tensor, const torch::Device& device);

}  // namespace musicvae::models
