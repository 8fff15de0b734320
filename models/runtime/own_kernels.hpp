#pragma once

#include <torch/types.h>

namespace musicvae::models {

/// Whether the project's kernels, rather than LibTorch's operators, compute on tensors like this
/// one: float on the CPU. Where the kernels were built without oneDNN, they multiply by LibTorch's
/// BLAS.
bool has_own_kernels(const torch::Tensor& like);

}  // namespace musicvae::models
