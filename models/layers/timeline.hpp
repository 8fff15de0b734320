#pragma once

#include <torch/types.h>

#include "models/batch.hpp"

namespace musicvae::models {

/// A batch's rows with each passage as one sequence: the real rows of all its bars, one after the
/// other and without the padding between bars. T is the length of the longest passage.
class Timeline {
 public:
  explicit Timeline(const Batch& batch);

  const torch::Tensor& lengths_B() const { return lengths_B_; }
  /// Turns [B, U, R, ...] into [B, T, ...]. Past a passage's length the values are any row's.
  torch::Tensor rows(const torch::Tensor& bars) const;
  /// Turns [B, U, C] into [B, T, C]: every row gets the value of its bar.
  torch::Tensor repeat_per_row(const torch::Tensor& values_BUC) const;

 private:
  torch::Tensor lengths_B_;  // On the CPU; the other two are on the batch's device.
  torch::Tensor bar_BT_;     // The bar in which a step lies.
  torch::Tensor row_BT_;     // The step's place in [0, U R).
};

}  // namespace musicvae::models
