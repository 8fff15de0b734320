#include "models/gemm_bfloat16.hpp"

namespace musicvae::models {

bool bfloat16_products_are_fast() { return false; }

bool bfloat16_pays(const ProductSize&) { return false; }

void multiply_bfloat16(const ProductSize& size, const FactorView& a, const FactorView& b,
                       bool accumulate, float* out, std::int64_t out_stride) {
  multiply(size, std::get<MatrixView>(a), std::get<MatrixView>(b), accumulate, out, out_stride);
}

void round_to_bfloat16(const float*, std::int64_t, BFloat16*) {}

}  // namespace musicvae::models
