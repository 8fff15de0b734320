#pragma once

#include "models/kernels/gemm.hpp"

namespace musicvae::models {

/// Whether a product of this size is large enough for the rounding to be worth while.
bool bfloat16_pays(const ProductSize& size);

/// As multiply(), of factors rounded to bfloat16; by all threads.
void multiply_bfloat16(const ProductSize& size, const FactorView& a, const FactorView& b,
                       bool accumulate, float* out, std::int64_t out_stride);
/// As multiply_each(), in the same way; for factors of few rows beside their columns.
void multiply_each_bfloat16(const std::vector<LeftFactor>& left, std::int64_t columns,
                            std::int64_t inner, const FactorView& b, std::int64_t out_stride);

}  // namespace musicvae::models
