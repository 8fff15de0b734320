#pragma once

#include <cstdint>

#include <torch/types.h>

#include "models/batch.hpp"

namespace musicvae::models {

/// The token that ends a step: what comes before it in a bar began there together. A step also ends
/// with its bar.
inline constexpr std::int64_t kEndOfStep = 0;

/// Where the rows of each step of a batch of tokens lie: S steps of up to N rows for each passage,
/// whose steps follow each other whatever their bars. Steps and rows beyond a passage's own are
/// padding.
class StepLayout {
 public:
  explicit StepLayout(const Batch& batch);

  /// The tokens as a batch whose bars are steps, [B, S, N]; each has the control of its bar. `rows`
  /// are the batch's, or others of its size. The real rows keep their order.
  Batch steps(const torch::Tensor& rows, const torch::Tensor& controls_BUC) const;
  /// How many steps each passage has: int64 [B], on the CPU.
  torch::Tensor counts_B() const { return (lengths_BS_ > 0).sum(1); }

 private:
  torch::Tensor place_BSN_;   // Counted through all rows of the batch.
  torch::Tensor bar_BS_;      // Counted through all bars.
  torch::Tensor lengths_BS_;  // Rows of each step, on the CPU.
};

}  // namespace musicvae::models
