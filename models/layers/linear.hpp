#pragma once

#include <torch/types.h>

namespace musicvae::models {

/// y = x W^T + b: x [..., I], weight [O, I], bias [O] to [..., O], as torch::linear. Float on the
/// CPU goes through our own matrix product: LibTorch's may be bound to a BLAS that does not know
/// the processor.
torch::Tensor linear(const torch::Tensor& x, const torch::Tensor& weight,
                     const torch::Tensor& bias);

}  // namespace musicvae::models
