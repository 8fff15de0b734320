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

/// A block of bfloat16 as oneDNN reads it.
using Operand = MatrixOf<BFloat16>;

void copy_rounded(const float* from, std::int64_t count, BFloat16* to) {
  round_to_bfloat16(from, count, to);
}
void copy_rounded(const BFloat16* from, std::int64_t count, BFloat16* to) {
  std::copy_n(from, count, to);
}

/// Zeros up to `rows` by `columns` of the matrix as it is stored.
template <class Value>
Operand copied(const MatrixOf<Value>& matrix, const Block& block, std::int64_t rows,
               std::int64_t columns, std::vector<BFloat16>& to) {
  to.resize(static_cast<std::size_t>(rows * columns));
  for (std::int64_t r = 0; r < block.rows; ++r) {
    const Value* const from = matrix.data + (block.row + r) * matrix.stride + block.column;
    BFloat16* const row = to.data() + r * columns;
    copy_rounded(from, block.columns, row);
    std::fill(row + block.columns, row + columns, 0);
  }
  std::fill(to.begin() + block.rows * columns, to.end(), 0);
  return {to.data(), columns, matrix.transposed};
}

/// `block` of the factor, with zeros up to `rows` by `columns`: where it lies if it can be, else
/// in `scratch`.
Operand operand(const FactorView& factor, Block block, std::int64_t rows, std::int64_t columns,
                std::vector<BFloat16>& scratch) {
  const bool whole = block.rows == rows && block.columns == columns;
  if (std::visit([](const auto& matrix) { return matrix.transposed; }, factor)) {
    block = block.transposed();
    std::swap(rows, columns);
  }
  if (const auto* const rounded = std::get_if<Operand>(&factor); rounded && whole) {
    return {rounded->data + block.row * rounded->stride + block.column, rounded->stride,
            rounded->transposed};
  }
  return std::visit(
      [&](const auto& matrix) { return copied(matrix, block, rows, columns, scratch); }, factor);
}

memory::desc describe(const Operand& operand, std::int64_t rows, std::int64_t columns) {
  const auto strides =
      operand.transposed ? memory::dims{1, operand.stride} : memory::dims{operand.stride, 1};
  return {{rows, columns}, memory::data_type::bf16, strides};
}

/// Where a product goes: row-major, overwritten or added to.
struct Output {
  float* data;
  std::int64_t stride;
  bool add;

  Output at(std::int64_t row, std::int64_t column) const {
    return {data + row * stride + column, stride, add};
  }
};

const OneDnnProduct* product(const ProductSize& size, const Operand& a, const Operand& b,
                             const Output& out) {
  using Kind = std::array<std::int64_t, 7>;
  thread_local std::map<Kind, OneDnnProduct> made;
  const Kind kind{size.rows,
                  size.columns,
                  size.inner,
                  a.stride,
                  b.stride,
                  out.stride,
                  4 * out.add + 2 * a.transposed + b.transposed};
  auto found = made.find(kind);
  if (found == made.end()) {
    const memory::desc written({size.rows, size.columns}, memory::data_type::f32,
                               memory::dims{out.stride, 1});
    const auto described =
        describe_product(describe(a, size.rows, size.inner), describe(b, size.inner, size.columns),
                         written, out.add);
    found = made.emplace(kind, OneDnnProduct(described)).first;
  }
  return &found->second;
}

void put(const float* from, std::int64_t count, bool add, float* to) {
  if (!add) {
    std::copy_n(from, count, to);
    return;
  }
  for (std::int64_t i = 0; i < count; ++i) to[i] += from[i];
}

/// The factors are padded to `size`; of the product, `rows` are written.
void multiply_block(const ProductSize& size, std::int64_t rows, const Operand& a, const Operand& b,
                    const Output& out) {
  thread_local std::vector<float> sums;
  const bool in_place = rows == size.rows;
  if (!in_place) sums.resize(static_cast<std::size_t>(size.rows * size.columns));
  const Output to = in_place ? out : Output{sums.data(), size.columns, false};
  const OneDnnProduct* const block = product(size, a, b, to);
  const memory right(block->description.weights_desc(), onednn_cpu(),
                     const_cast<BFloat16*>(b.data));
  block->run(a.data, right, to.data);
  for (std::int64_t r = 0; !in_place && r < rows; ++r) {
    put(to.at(r, 0).data, size.columns, out.add, out.at(r, 0).data);
  }
}

/// This thread's.
struct Scratch {
  std::vector<BFloat16> a;
  std::vector<std::vector<BFloat16>> b;  ///< Each kColumns of the right-hand factor.
};

}  // namespace

bool bfloat16_products_are_fast() {
  // Without tiles, as of AVX-512 alone, they take twice as long as those of floats.
  constexpr auto kTiles = static_cast<unsigned>(dnnl::cpu_isa::avx512_core_amx);
  return (static_cast<unsigned>(dnnl::get_effective_cpu_isa()) & kTiles) == kTiles;
}

bool bfloat16_pays(const ProductSize& size) {
  return size.rows >= 16 && size.columns >= 64 && size.inner >= 64;
}

void multiply_bfloat16(const ProductSize& size, const FactorView& a, const FactorView& b,
                       bool accumulate, float* out, std::int64_t out_stride) {
  thread_local Scratch scratch;
  const auto column_blocks = static_cast<std::size_t>((size.columns + kColumns - 1) / kColumns);
  scratch.b.resize(std::max(scratch.b.size(), column_blocks));
  std::vector<Operand> right(column_blocks);
  for (std::int64_t k = 0; k < size.inner; k += kInner) {
    const auto inner = std::min(kInner, size.inner - k);
    for (std::size_t c = 0; c < column_blocks; ++c) {
      const auto column = static_cast<std::int64_t>(c) * kColumns;
      const auto columns = std::min(kColumns, size.columns - column);
      right[c] = operand(b, {k, inner, column, columns}, padded(inner), columns, scratch.b[c]);
    }
    for (std::int64_t row = 0; row < size.rows; row += kRows) {
      const auto rows = std::min(kRows, size.rows - row);
      const auto left = operand(a, {row, rows, k, inner}, padded(rows), padded(inner), scratch.a);
      const Output target{out, out_stride, accumulate || k > 0};
      for (std::size_t c = 0; c < column_blocks; ++c) {
        const auto column = static_cast<std::int64_t>(c) * kColumns;
        const auto columns = std::min(kColumns, size.columns - column);
        multiply_block({padded(rows), columns, padded(inner)}, rows, left, right[c],
                       target.at(row, column));
      }
    }
  }
}

}  // namespace musicvae::models
