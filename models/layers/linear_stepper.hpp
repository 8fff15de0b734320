#pragma once

#include <memory>

#include <torch/types.h>

#include "models/kernels/compact_matrix.hpp"
#include "models/layers/dense.hpp"

namespace musicvae::models {

/// A dense layer at every step of a generation, without gradients; the weights must not change
/// meanwhile. For few rows, between whose steps a cache forgets them, reading them is the work, and
/// they are taken in half precision.
class LinearStepper {
 public:
  explicit LinearStepper(Dense dense);

  /// [N, inputs] to [N, outputs].
  torch::Tensor step(const torch::Tensor& x_NI);

 private:
  Dense dense_;
  std::shared_ptr<const CompactMatrix> weight_;
};

}  // namespace musicvae::models
