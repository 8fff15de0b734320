#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>

namespace musicvae::models {

/// The upper half of a float's bits.
using BFloat16 = std::uint16_t;

/// Rounds to the nearest, ties to even. NaN stays NaN as arithmetic makes it, without a payload.
inline BFloat16 to_bfloat16(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  return static_cast<BFloat16>((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}

/// Rounds `count` values.
inline void round_to_bfloat16(const float* from, std::int64_t count, BFloat16* to) {
  std::transform(from, from + count, to, to_bfloat16);
}

}  // namespace musicvae::models
