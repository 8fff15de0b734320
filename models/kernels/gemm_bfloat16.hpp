#pragma once

#include "models/kernels/gemm.hpp"

namespace musicvae::models {

/// Whether a product of this size is so large that rounding its factors pays.
bool bfloat16_pays(const ProductSize& size);

/// Does what multiply() does, with factors rounded to bfloat16, by all threads.
void multiply_bfloat16(const ProductSize& size, const FactorView& a, const FactorView& b,
                       bool accumulate, float* out, std::int64_t out_stride);
/// Does what multiply_each() does in the same way. Best for factors with fewer rows than columns.
void multiply_each_bfloat16(const std::vector<LeftFactor>& left, std::int64_t columns,
                            std::int64_t inner, const FactorView& b, std::int64_t out_stride);

}  // namespace musicvae::models
