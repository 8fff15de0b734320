#include "models/kernels/compact_matrix.hpp"

#include <algorithm>
#include <array>
#include <cmath>

// Sums stand in arrays of vectors, which those of unknown length cannot.
#define HWY_DISABLED_TARGETS (HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128 | HWY_RVV)
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "models/kernels/compact_matrix.cpp"
#include <hwy/foreach_target.h>  // compiles this file once for each kind of CPU
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace musicvae::models::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

constexpr std::int64_t kPanel = CompactMatrix::kPanel;
constexpr std::int64_t kBlock = CompactMatrix::kBlock;

using Floats = hn::CappedTag<float, kPanel / 4>;
using Halves = hn::Rebind<hwy::float16_t, Floats>;
using Integers = hn::RebindToSigned<Floats>;
using Bytes = hn::Rebind<std::int8_t, Floats>;
using Vector = hn::Vec<Floats>;

/// Rows that share a vector of the matrix: with 32 registers, more of them.
constexpr int kMostRows = HWY_MAX_BYTES == 64 ? 8 : 4;

HWY_INLINE Vector widen(const hwy::float16_t* values) {
  return hn::PromoteTo(Floats(), hn::LoadU(Halves(), values));
}

HWY_INLINE Vector widen(const std::int8_t* values) {
  return hn::ConvertTo(Floats(), hn::PromoteTo(Integers(), hn::LoadU(Bytes(), values)));
}

/// Part of a panel: a block of its rows.
template <class Value>
struct Block {
  const Value* values;  ///< [inner, kPanel].
  std::int64_t inner;
  const float* scales;  ///< [kPanel], or null.
};

/// kRows sums of products in kVectors vectors of columns, which fill the registers.
template <int kRows, int kVectors, class Value>
HWY_INLINE void multiply_tile(const Block<Value>& block, std::int64_t column, const MatrixView& a,
                              bool accumulate, float* out) {
  const Floats d;
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(d));
  Vector sums[kRows][kVectors];
  for (auto& row : sums) {
    for (auto& sum : row) sum = hn::Zero(d);
  }
  const Value* values = block.values + column;
  for (std::int64_t k = 0; k < block.inner; ++k, values += kPanel) {
    Vector columns[kVectors];
    for (int v = 0; v < kVectors; ++v) columns[v] = widen(values + v * lanes);
    for (int r = 0; r < kRows; ++r) {
      const auto x = hn::Set(d, a.data[r * a.stride + k]);
      for (int v = 0; v < kVectors; ++v) sums[r][v] = hn::MulAdd(x, columns[v], sums[r][v]);
    }
  }
  for (int r = 0; r < kRows; ++r) {
    for (int v = 0; v < kVectors; ++v) {
      const auto at = column + v * lanes;
      auto sum = sums[r][v];
      if (block.scales) sum = hn::Mul(sum, hn::LoadU(d, block.scales + at));
      float* const to = out + r * kPanel + at;
      hn::StoreU(accumulate ? hn::Add(sum, hn::LoadU(d, to)) : sum, d, to);
    }
  }
}

/// As many times kRows rows as there are, then half as many, in two vectors of columns.
template <int kRows, class Value>
HWY_INLINE void multiply_rows(const Block<Value>& block, std::int64_t column, MatrixView a,
                              std::int64_t rows, bool accumulate, float* out) {
  for (; rows >= kRows; rows -= kRows, a.data += kRows * a.stride, out += kRows * kPanel) {
    multiply_tile<kRows, 2>(block, column, a, accumulate, out);
  }
  if constexpr (kRows > 1) multiply_rows<kRows / 2>(block, column, a, rows, accumulate, out);
}

/// All rows meet a block's columns while the cache holds them. One row takes more of them at once,
/// so that no sum waits for its last addition.
template <class Value>
HWY_INLINE void multiply_block(const Block<Value>& block, const MatrixView& a, std::int64_t rows,
                               bool accumulate, float* out) {
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(Floats()));
  if (rows == 1) {
    for (std::int64_t column = 0; column < kPanel; column += 4 * lanes) {
      multiply_tile<1, 4>(block, column, a, accumulate, out);
    }
    return;
  }
  for (std::int64_t column = 0; column < kPanel; column += 2 * lanes) {
    multiply_rows<kMostRows>(block, column, a, rows, accumulate, out);
  }
}

void multiply_halves(const std::byte* panel, std::int64_t inner, const MatrixView& a,
                     std::int64_t rows, bool accumulate, float* out) {
  const Block<hwy::float16_t> block{reinterpret_cast<const hwy::float16_t*>(panel), inner, nullptr};
  multiply_block(block, a, rows, accumulate, out);
}

void multiply_bytes(const std::byte* panel, const float* scales, std::int64_t inner, MatrixView a,
                    std::int64_t rows, bool accumulate, float* out) {
  const auto* values = reinterpret_cast<const std::int8_t*>(panel);
  for (std::int64_t k = 0; k < inner; k += kBlock, scales += kPanel) {
    const Block<std::int8_t> block{values + k * kPanel, std::min(kBlock, inner - k), scales};
    multiply_block(block, a, rows, accumulate || k > 0, out);
    a.data += kBlock;
  }
}

/// Rows of a panel, at most a block, as bytes, and what they are to be multiplied with.
void to_bytes(const float* rows, std::int64_t count, std::byte* to, float* scales) {
  const Floats d;
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(d));
  auto* const bytes = reinterpret_cast<std::int8_t*>(to);
  for (std::int64_t j = 0; j < kPanel; j += lanes) {
    auto largest = hn::Zero(d);
    for (std::int64_t k = 0; k < count; ++k) {
      largest = hn::Max(largest, hn::Abs(hn::LoadU(d, rows + k * kPanel + j)));
    }
    hn::StoreU(hn::Mul(largest, hn::Set(d, 1.0F / 127)), d, scales + j);
    const auto some = hn::Gt(largest, hn::Zero(d));
    const auto factor = hn::IfThenElseZero(some, hn::Div(hn::Set(d, 127), largest));
    for (std::int64_t k = 0; k < count; ++k) {
      const auto value = hn::Mul(hn::LoadU(d, rows + k * kPanel + j), factor);
      hn::StoreU(hn::DemoteTo(Bytes(), hn::NearestInt(value)), Bytes(), bytes + k * kPanel + j);
    }
  }
}

/// Whether no value of a row is greater than `most`, or a NaN.
bool row_within(const float* row, std::int64_t columns, float most) {
  const Floats d;
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(d));
  std::int64_t j = 0;
  for (; j + lanes <= columns; j += lanes) {
    if (!hn::AllTrue(d, hn::Le(hn::Abs(hn::LoadU(d, row + j)), hn::Set(d, most)))) return false;
  }
  return std::all_of(row + j, row + columns, [=](float x) { return std::abs(x) <= most; });
}

/// kPanel floats.
void to_halves(const float* from, std::byte* to) {
  const Floats d;
  const Halves half;
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(d));
  auto* const halves = reinterpret_cast<hwy::float16_t*>(to);
  for (std::int64_t j = 0; j < kPanel; j += lanes) {
    hn::StoreU(hn::DemoteTo(half, hn::LoadU(d, from + j)), half, halves + j);
  }
}

}  // namespace
}  // namespace musicvae::models::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace musicvae::models {
namespace {

constexpr std::int64_t kPanel = CompactMatrix::kPanel;
constexpr std::int64_t kBlock = CompactMatrix::kBlock;

HWY_EXPORT(multiply_halves);
HWY_EXPORT(multiply_bytes);
HWY_EXPORT(to_halves);
HWY_EXPORT(to_bytes);
HWY_EXPORT(row_within);

std::int64_t blocks_of(std::int64_t inner) { return (inner + kBlock - 1) / kBlock; }

/// Row `k` of a panel that starts at column `first`, zeros beyond the last column.
using PanelRow = std::array<float, kPanel>;

PanelRow panel_row(const MatrixView& matrix, std::int64_t k, std::int64_t first,
                   std::int64_t columns) {
  PanelRow row{};
  std::copy_n(matrix.data + k * matrix.stride + first, std::min(kPanel, columns - first),
              row.begin());
  return row;
}

}  // namespace

bool CompactMatrix::can_hold(const MatrixView& matrix, std::int64_t inner, std::int64_t columns) {
  constexpr float kLargest = 65504;
  for (std::int64_t k = 0; k < inner; ++k) {
    const float* row = matrix.data + k * matrix.stride;
    if (!HWY_DYNAMIC_DISPATCH(row_within)(row, columns, kLargest)) return false;
  }
  return true;
}

CompactMatrix::CompactMatrix(const MatrixView& matrix, std::int64_t inner, std::int64_t columns,
                             Precision precision)
    : inner_(inner), precision_(precision) {
  const auto panels = (columns + kPanel - 1) / kPanel;
  const auto value_bytes = precision == Precision::kHalf ? 2 : 1;
  values_.resize(static_cast<std::size_t>(panels * inner * kPanel * value_bytes));
  if (precision == Precision::kByte) {
    scales_.resize(static_cast<std::size_t>(panels * blocks_of(inner) * kPanel));
  }
  auto* values = values_.data();
  auto* scales = scales_.data();
  for (std::int64_t first = 0; first < columns; first += kPanel) {
    for (std::int64_t k = 0; k < inner; k += kBlock) {
      std::vector<PanelRow> rows;
      for (std::int64_t i = k; i < std::min(k + kBlock, inner); ++i) {
        rows.push_back(panel_row(matrix, i, first, columns));
      }
      if (precision == Precision::kByte) {
        HWY_DYNAMIC_DISPATCH(to_bytes)
        (rows.front().data(), static_cast<std::int64_t>(rows.size()), values, scales);
        scales += kPanel;
      } else {
        for (std::size_t i = 0; i < rows.size(); ++i) {
          HWY_DYNAMIC_DISPATCH(to_halves)(rows[i].data(), values + 2 * kPanel * i);
        }
      }
      values += static_cast<std::int64_t>(rows.size()) * kPanel * value_bytes;
    }
  }
}

void CompactMatrix::multiply(const MatrixView& a, std::int64_t rows, std::int64_t panel,
                             bool accumulate, float* out) const {
  const auto first = static_cast<std::size_t>(panel * inner_ * kPanel);
  if (precision_ == Precision::kHalf) {
    HWY_DYNAMIC_DISPATCH(multiply_halves)
    (values_.data() + 2 * first, inner_, a, rows, accumulate, out);
  } else {
    HWY_DYNAMIC_DISPATCH(multiply_bytes)
    (values_.data() + first, scales_.data() + panel * blocks_of(inner_) * kPanel, inner_, a, rows,
     accumulate, out);
  }
}

}  // namespace musicvae::models
#endif
