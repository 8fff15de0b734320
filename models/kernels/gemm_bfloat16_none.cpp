#include <stdexcept>

#include "models/kernels/gemm_bfloat16.hpp"

namespace musicvae::models {

bool bfloat16_products_are_fast() { return false; }

bool bfloat16_pays(const ProductSize&) { return false; }

void multiply_bfloat16(const ProductSize&, const FactorView&, const FactorView&, bool, float*,
                       std::int64_t) {
  throw std::logic_error("this build has no products in bfloat16");
}

void multiply_each_bfloat16(const std::vector<LeftFactor>&, std::int64_t, std::int64_t,
                            const FactorView&, std::int64_t) {
  throw std::logic_error("this build has no products in bfloat16");
}

void round_to_bfloat16(const float*, std::int64_t, BFloat16*) {}

}  // namespace musicvae::models
