#include "models/gemm_bfloat16.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <map>
#include <vector>

#include "models/onednn.hpp"

namespace musicvae::models {
namespace {

using dnnl::memory;

// A block's factors and sums stay in the second-level cache.
constexpr std::int64_t kRows = 512;
constexpr std::int64_t kColumns = 512;
constexpr std::int64_t kInner = 1024;

/// Up to a power of two, so that few kinds of product have to be made.
std::int64_t padded(std::int64_t count) {
  constexpr std::uint64_t kLeast = 32;
  return static_cast<std::int64_t>(std::max(kLeast, std::bit_ceil<std::uint64_t>(count)));
}

/// Part of a matrix as it enters the product.
struct Block {
  std::int64_t row, rows;
  std::int64_t column, columns;

  Block transposed() const { return {column, columns, row, rows}; }
};

/// The block as it is stored, rounded; zeros up to `rows` by `columns`.
void round_block(const MatrixView& matrix, const Block& block, std::int64_t rows,
                 std::int64_t columns, std::vector<BFloat16>& to) {
  if (matrix.transposed) {
    const MatrixView stored{matrix.data, matrix.stride, false};
    return round_block(stored, block.transposed(), columns, rows, to);
  }
  to.resize(static_cast<std::size_t>(rows * columns));
  for (std::int64_t r = 0; r < block.rows; ++r) {
    const float* from = matrix.data + (block.row + r) * matrix.stride + block.column;
    BFloat16* const row = to.data() + r * columns;
    round_to_bfloat16(from, block.columns, row);
    std::fill(row + block.columns, row + columns, 0);
  }
  std::fill(to.begin() + block.rows * columns, to.end(), 0);
}

const OneDnnProduct* product(const ProductSize& size, bool a_transposed, bool b_transposed) {
  using Kind = std::array<std::int64_t, 4>;
  thread_local std::map<Kind, OneDnnProduct> made;
  const Kind kind{size.rows, size.columns, size.inner, 2 * a_transposed + b_transposed};
  auto found = made.find(kind);
  if (found == made.end()) {
    constexpr auto kPlain = memory::format_tag::ab, kTransposed = memory::format_tag::ba;
    constexpr auto kType = memory::data_type::bf16;
    const auto described =
        describe_product({{size.rows, size.inner}, kType, a_transposed ? kTransposed : kPlain},
                         {{size.inner, size.columns}, kType, b_transposed ? kTransposed : kPlain},
                         {{size.rows, size.columns}, memory::data_type::f32, kPlain});
    found = made.emplace(kind, OneDnnProduct(described)).first;
  }
  return &found->second;
}

/// This thread's.
struct Scratch {
  std::vector<BFloat16> a;
  std::vector<std::vector<BFloat16>> b;  ///< Each kColumns of the right-hand factor.
  std::vector<float> sums;
};

void put(const float* from, std::int64_t count, bool add, float* to) {
  if (!add) {
    std::copy_n(from, count, to);
    return;
  }
  for (std::int64_t i = 0; i < count; ++i) to[i] += from[i];
}

}  // namespace

bool bfloat16_products_are_fast() {
  // Without tiles, as of AVX-512 alone, they take twice as long as those of floats.
  constexpr auto kTiles = static_cast<unsigned>(dnnl::cpu_isa::avx512_core_amx);
  return (static_cast<unsigned>(dnnl::get_effective_cpu_isa()) & kTiles) == kTiles;
}

bool bfloat16_pays(const ProductSize& size) {
  return size.rows >= 16 && size.columns >= 64 && size.inner >= 64;
}

void multiply_bfloat16(const ProductSize& size, const MatrixView& a, const MatrixView& b,
                       bool accumulate, float* out, std::int64_t out_stride) {
  thread_local Scratch scratch;
  scratch.b.resize(static_cast<std::size_t>((size.columns + kColumns - 1) / kColumns));
  for (std::int64_t k = 0; k < size.inner; k += kInner) {
    const auto inner = std::min(kInner, size.inner - k);
    for (std::int64_t column = 0; column < size.columns; column += kColumns) {
      const auto columns = std::min(kColumns, size.columns - column);
      round_block(b, {k, inner, column, columns}, padded(inner), columns,
                  scratch.b[static_cast<std::size_t>(column / kColumns)]);
    }
    for (std::int64_t row = 0; row < size.rows; row += kRows) {
      const auto rows = std::min(kRows, size.rows - row);
      round_block(a, {row, rows, k, inner}, padded(rows), padded(inner), scratch.a);
      scratch.sums.resize(static_cast<std::size_t>(padded(rows) * kColumns));
      for (std::int64_t column = 0; column < size.columns; column += kColumns) {
        const auto columns = std::min(kColumns, size.columns - column);
        const OneDnnProduct* const block =
            product({padded(rows), columns, padded(inner)}, a.transposed, b.transposed);
        const memory right(block->description.weights_desc(), onednn_cpu(),
                           scratch.b[static_cast<std::size_t>(column / kColumns)].data());
        block->run(scratch.a.data(), right, scratch.sums.data());
        for (std::int64_t r = 0; r < rows; ++r) {
          put(scratch.sums.data() + r * columns, columns, accumulate || k > 0,
              out + (row + r) * out_stride + column);
        }
      }
    }
  }
}

}  // namespace musicvae::models
