#include "models/kernels/gemm_bfloat16.hpp"

#include <algorithm>
#include <oneapi/dnnl/dnnl.hpp>

#include "models/kernels/threads.hpp"
#include "models/kernels/tile_factor.hpp"

namespace musicvae::models {
namespace {

/// Extents of the block of a factor that a thread lays out for itself: it stays in the thread's
/// second-level cache.
constexpr std::int64_t kInner = 768;
constexpr std::int64_t kLines = 256;

FactorView part(const FactorView& factor, std::int64_t row, std::int64_t column) {
  return std::visit([&](const auto& matrix) { return FactorView(matrix.from(row, column)); },
                    factor);
}

/// Calls body(first, last) for shares of `count` lines. There are several shares for each thread,
/// as some threads may be slower than others.
template <class Body>
void share_out(std::int64_t count, const Body& body) {
  constexpr auto kPanel = TileFactor::kPanelLines;
  const auto even = ceil_div(count / (4 * thread_count()), kPanel) * kPanel;
  const auto lines = std::clamp(even, kPanel, kLines);
  run_tasks(static_cast<int>(ceil_div(count, lines)),
            [&](int share) { body(share * lines, std::min(count, (share + 1) * lines)); });
}

/// Threads share out the rows; the right factor is laid out once for all of them.
void multiply_by_rows(const ProductSize& size, const FactorView& a, const FactorView& b,
                      bool accumulate, float* out, std::int64_t out_stride) {
  thread_local TileFactor common(TileFactor::Side::kRight);
  auto& right = common;  // Tasks on other threads are to see this thread's.
  right.assign_by_all(b, size.columns, size.inner);
  share_out(size.rows, [&](std::int64_t first, std::int64_t last) {
    thread_local TileFactor left(TileFactor::Side::kLeft);
    for (std::int64_t k = 0; k < size.inner; k += kInner) {
      const auto inner = std::min(kInner, size.inner - k);
      left.assign(part(a, first, k), last - first, inner);
      multiply_tiles({left, 0, last - first, 0}, {right, 0, size.columns, k}, inner,
                     accumulate || k > 0, out + first * out_stride, out_stride);
    }
  });
}

/// Threads share out the columns; the left factors are laid out once for all of them.
void multiply_by_columns(const std::vector<LeftFactor>& left, std::int64_t columns,
                         std::int64_t all_inner, const FactorView& b, bool accumulate,
                         std::int64_t out_stride) {
  thread_local std::vector<TileFactor> kept;
  auto& common = kept;  // Tasks on other threads are to see this thread's.
  while (common.size() < left.size()) common.emplace_back(TileFactor::Side::kLeft);
  for (std::size_t at = 0; at < left.size(); ++at) {
    common[at].assign_by_all(left[at].a, left[at].rows, all_inner);
  }
  share_out(columns, [&](std::int64_t first, std::int64_t last) {
    thread_local TileFactor right(TileFactor::Side::kRight);
    for (std::int64_t k = 0; k < all_inner; k += kInner) {
      const auto inner = std::min(kInner, all_inner - k);
      right.assign(part(b, k, first), last - first, inner);
      for (std::size_t at = 0; at < left.size(); ++at) {
        multiply_tiles({common[at], 0, left[at].rows, k}, {right, 0, last - first, 0}, inner,
                       accumulate || k > 0, left[at].out + first, out_stride);
      }
    }
  });
}

}  // namespace

bool bfloat16_products_are_fast() {
  // AVX-512 alone, without tiles, takes twice as long for bfloat16 as for float. oneDNN asks the
  // system for the use of tiles.
  constexpr auto kTiles = static_cast<unsigned>(dnnl::cpu_isa::avx512_core_amx);
  return (static_cast<unsigned>(dnnl::get_effective_cpu_isa()) & kTiles) == kTiles;
}

bool bfloat16_pays(const ProductSize& size) {
  return size.rows >= 16 && size.columns >= 64 && size.inner >= 64;
}

void multiply_bfloat16(const ProductSize& size, const FactorView& a, const FactorView& b,
                       bool accumulate, float* out, std::int64_t out_stride) {
  if (size.rows < size.columns) {
    multiply_by_columns({{a, size.rows, out}}, size.columns, size.inner, b, accumulate, out_stride);
  } else {
    multiply_by_rows(size, a, b, accumulate, out, out_stride);
  }
}

void multiply_each_bfloat16(const std::vector<LeftFactor>& left, std::int64_t columns,
                            std::int64_t inner, const FactorView& b, std::int64_t out_stride) {
  multiply_by_columns(left, columns, inner, b, false, out_stride);
}

}  // namespace musicvae::models
