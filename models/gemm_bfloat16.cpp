#include "models/gemm_bfloat16.hpp"

#include <algorithm>

#include "models/onednn.hpp"
#include "models/tile_factor.hpp"

namespace musicvae::models {
namespace {

// A block of the left factor stays in the second-level cache.
constexpr std::int64_t kRows = 512;
constexpr std::int64_t kInner = 1024;

FactorView part(const FactorView& factor, std::int64_t row, std::int64_t column) {
  return std::visit([&](const auto& matrix) { return FactorView(matrix.from(row, column)); },
                    factor);
}

}  // namespace

bool bfloat16_products_are_fast() {
  // Without tiles, as of AVX-512 alone, they take twice as long as those of floats. oneDNN asks the
  // system for their use.
  constexpr auto kTiles = static_cast<unsigned>(dnnl::cpu_isa::avx512_core_amx);
  return (static_cast<unsigned>(dnnl::get_effective_cpu_isa()) & kTiles) == kTiles;
}

bool bfloat16_pays(const ProductSize& size) {
  return size.rows >= 16 && size.columns >= 64 && size.inner >= 64;
}

void multiply_bfloat16(const ProductSize& size, const FactorView& a, const FactorView& b,
                       bool accumulate, float* out, std::int64_t out_stride) {
  thread_local TileFactor left(TileFactor::Side::kLeft);
  thread_local TileFactor right(TileFactor::Side::kRight);
  for (std::int64_t k = 0; k < size.inner; k += kInner) {
    const auto inner = std::min(kInner, size.inner - k);
    right.assign(part(b, k, 0), size.columns, inner);
    for (std::int64_t row = 0; row < size.rows; row += kRows) {
      left.assign(part(a, row, k), std::min(kRows, size.rows - row), inner);
      multiply_tiles(left, right, accumulate || k > 0, out + row * out_stride, out_stride);
    }
  }
}

}  // namespace musicvae::models
