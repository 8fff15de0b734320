#pragma once

#include "models/gemm.hpp"

namespace musicvae::models {

/// Whether a product of this size is large enough for the rounding to be worth while.
bool bfloat16_pays(const ProductSize& size);

/// As multiply(), of factors rounded to bfloat16; by all threads.
void multiply_bfloat16(const ProductSize& size, const FactorView& a, const FactorView& b,
                       bool accumulate, float* out, std::int64_t out_stride);

}  // namespace musicvae::models
