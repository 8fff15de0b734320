#pragma once

#include <optional>

#include <torch/types.h>

#include "models/compact_matrix.hpp"
#include "models/layers.hpp"

namespace musicvae::models {

/// A dense layer at every step of a generation, without gradients. For few rows, between whose
/// steps a cache forgets the weights, reading these is the work: where they are float on the CPU
/// they are laid out once, in half precision. They must not change meanwhile.
class LinearStepper {
 public:
  explicit LinearStepper(Dense dense);

  /// [N, inputs] to [N, outputs].
  torch::Tensor step(const torch::Tensor& x_NI);

 private:
  Dense dense_;
  std::optional<CompactMatrix> weight_;
};

}  // namespace musicvae::models
