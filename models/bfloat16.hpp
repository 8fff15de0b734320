#pragma once

#include <cstdint>

namespace musicvae::models {

/// The upper half of a float's bits.
using BFloat16 = std::uint16_t;

/// To the nearest, ties to even.
void round_to_bfloat16(const float* from, std::int64_t count, BFloat16* to);

}  // namespace musicvae::models
