#pragma once

#include <torch/types.h>

namespace musicvae::models {

/// `tensor` on `device`. The host does not wait for a copy from the CPU to a CUDA device, which
/// takes its turn among the device's work.
torch::Tensor send(const torch::Tensor& tensor, const torch::Device& device);

}  // namespace musicvae::models
