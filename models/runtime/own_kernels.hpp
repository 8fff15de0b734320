#pragma once

#include <torch/types.h>

namespace musicvae::models {

/// Whether the project's kernels, rather than LibTorch's operators, compute with what is like this:
/// float on the CPU.
inline bool has_own_kernels(const torch::Tensor& like) {
  return like.is_cpu() && like.scalar_type() == torch::kFloat;
}

}  // namespace musicvae::models
