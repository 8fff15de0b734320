#pragma once

#include <cstdint>
#include <vector>

#include "datasets/codecs/codec.hpp"

namespace musicvae::datasets::testing {

/// Bars of 4/4 of these tokens, a row a step.
inline std::vector<BarRows> bars_of(const std::vector<std::vector<std::uint16_t>>& tokens) {
  std::vector<BarRows> bars;
  for (const auto& values : tokens) {
    bars.push_back({{4, 4}, Steps(4), static_cast<int>(values.size()), values});
  }
  return bars;
}

}  // namespace musicvae::datasets::testing
