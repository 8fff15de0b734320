#pragma once

#include <memory>

#include <torch/types.h>

#include "models/kernels/step_matrix.hpp"
#include "models/layers/dense.hpp"

namespace musicvae::models {

/// A dense layer at every step of a generation, without gradients. On the CPU in float its weights
/// are rounded to half precision (see StepMatrix).
class LinearStepper {
 public:
  /// The layer's parameters must not change while the stepper is used.
  explicit LinearStepper(Dense dense);

  /// [N, inputs] to [N, outputs].
  torch::Tensor step(const torch::Tensor& x_NI);

 private:
  Dense dense_;
  std::shared_ptr<const StepMatrix> weight_;  ///< Null where LibTorch's operators do the work.
};

}  // namespace musicvae::models
