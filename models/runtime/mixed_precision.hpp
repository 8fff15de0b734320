#pragma once

#include <torch/types.h>

#include "models/kernels/gemm.hpp"

namespace musicvae::models {

/// While it lives, LSTMs and dense layers of this thread multiply in bfloat16 where that is faster:
/// on a CUDA device that can, and on a CPU with tiles for it (bfloat16_products_are_fast()).
/// Inputs, outputs, parameters, gradients and losses stay float. bfloat16 has float's range, so no
/// loss needs scaling (Kalamkar et al. 2019).
class MixedPrecision {
 public:
  MixedPrecision();
  ~MixedPrecision();
  MixedPrecision(const MixedPrecision&) = delete;
  MixedPrecision& operator=(const MixedPrecision&) = delete;

 private:
  bool before_;
};

/// The type in which a layer is to compute, given one of its tensors.
torch::Dtype compute_type(const torch::Tensor& like);
/// The same for a layer that multiplies by models/kernels/gemm.hpp.
Factors product_factors(const torch::Tensor& like);

}  // namespace musicvae::models
