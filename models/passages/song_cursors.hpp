#pragma once

#include <cstdint>
#include <vector>

#include <torch/types.h>

#include "models/layers/generation.hpp"

namespace musicvae::models {

/// The bar that each song has reached while its rows are sampled one after the other.
class SongCursors {
 public:
  explicit SongCursors(const torch::Tensor& present_BU);

  const std::vector<BarId>& bars() const { return bars_; }

  /// Moves songs on to their next unfinished bar and drops those that have none. Returns the places
  /// of the songs that stay.
  std::vector<std::int64_t> advance(const RowSampler& sampler);

  /// Picks the values of each song's current bar: [N, C].
  torch::Tensor of_bars(const torch::Tensor& values_BUC) const;

 private:
  bool present(const BarId& id) const;

  torch::Tensor present_BU_;
  std::vector<BarId> bars_;
};

}  // namespace musicvae::models
