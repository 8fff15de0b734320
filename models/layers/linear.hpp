#pragma once

#include <torch/types.h>

namespace musicvae::models {

/// y = x W^T + b, as torch::linear: x is [..., I], the weight [O, I], the bias [O] and y [..., O].
/// On the CPU in float it uses the project's own product, as LibTorch's may be bound to a BLAS that
/// does not know the processor.
torch::Tensor linear(const torch::Tensor& x, const torch::Tensor& weight,
                     const torch::Tensor& bias);

}  // namespace musicvae::models
