#pragma once

#include <torch/types.h>

#include "models/batch.hpp"

namespace musicvae::models {

/// A batch's rows as one line of time a passage: real rows of all bars one after the other, without
/// the padding between bars. T is the rows of the longest passage.
class Timeline {
 public:
  explicit Timeline(const Batch& batch);

  const torch::Tensor& lengths_B() const { return lengths_B_; }
  /// [B, U, R, ...] to [B, T, ...]. Past a passage's length the values are those of some row.
  torch::Tensor rows(const torch::Tensor& bars) const;
  /// [B, U, C] to [B, T, C]: to every row the value of its bar.
  torch::Tensor repeat_per_row(const torch::Tensor& values_BUC) const;

 private:
  torch::Tensor lengths_B_;  // On the CPU; the others where the batch is.
  torch::Tensor bar_BT_;     // The bar a step lies in.
  torch::Tensor row_BT_;     // Its place in [0, U R).
};

}  // namespace musicvae::models
