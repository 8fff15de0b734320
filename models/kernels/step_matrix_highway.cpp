#include <algorithm>
#include <cmath>

#include "models/kernels/step_matrix.hpp"

// Sums stand in arrays of vectors, which vectors of unknown length cannot.
#define HWY_DISABLED_TARGETS (HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128 | HWY_RVV)
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "models/kernels/step_matrix_highway.cpp"
#include <hwy/foreach_target.h>  // compiles this file once for each kind of CPU
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace musicvae::models::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

constexpr std::int64_t kColumns = 64;  // Columns of a panel.

using Floats = hn::CappedTag<float, kColumns / 4>;
using Halves = hn::Rebind<hwy::float16_t, Floats>;
using Vector = hn::Vec<Floats>;

/// How many rows share a vector of the matrix; processors with vectors this long have 32 registers.
constexpr int kMostRows = HWY_MAX_BYTES == 64 ? 8 : 4;

HWY_INLINE Vector load(const hwy::float16_t* values) {
  return hn::PromoteTo(Floats(), hn::LoadU(Halves(), values));
}
HWY_INLINE Vector load(const float* values) { return hn::LoadU(Floats(), values); }

/// The products of kRows rows with kVectors vectors of a panel's columns, which fill the registers.
template <int kRows, int kVectors, class Value>
HWY_INLINE void multiply_tile(const Value* values, std::int64_t inner, const MatrixView& a,
                              float* out, std::int64_t out_stride) {
  const Floats d;
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(d));
  Vector sums[kRows][kVectors];
  for (auto& row : sums) {
    for (auto& sum : row) sum = hn::Zero(d);
  }
  for (std::int64_t k = 0; k < inner; ++k, values += kColumns) {
    Vector columns[kVectors];
    for (int v = 0; v < kVectors; ++v) columns[v] = load(values + v * lanes);
    for (int r = 0; r < kRows; ++r) {
      const auto x = hn::Set(d, a.data[r * a.stride + k]);
      for (int v = 0; v < kVectors; ++v) sums[r][v] = hn::MulAdd(x, columns[v], sums[r][v]);
    }
  }
  for (int r = 0; r < kRows; ++r) {
    for (int v = 0; v < kVectors; ++v) {
      hn::StoreU(sums[r][v], d, out + r * out_stride + v * lanes);
    }
  }
}

/// Takes the rows by kRows, then the rest by half as many and so on, in two vectors of columns.
template <int kRows, class Value>
HWY_INLINE void multiply_rows(const Value* values, std::int64_t inner, MatrixView a,
                              std::int64_t rows, float* out, std::int64_t out_stride) {
  for (; rows >= kRows; rows -= kRows, a.data += kRows * a.stride, out += kRows * out_stride) {
    multiply_tile<kRows, 2>(values, inner, a, out, out_stride);
  }
  if constexpr (kRows > 1) multiply_rows<kRows / 2>(values, inner, a, rows, out, out_stride);
}

/// All rows meet a panel's columns while the cache holds them. One row takes more of them at once,
/// so that no sum waits for its last addition.
template <class Value>
HWY_INLINE void multiply_columns(const Value* values, std::int64_t inner, const MatrixView& a,
                                 std::int64_t rows, float* out, std::int64_t out_stride) {
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(Floats()));
  const auto step = (rows == 1 ? 4 : 2) * lanes;
  for (std::int64_t column = 0; column < kColumns; column += step) {
    if (rows == 1) {
      multiply_tile<1, 4>(values + column, inner, a, out + column, out_stride);
    } else {
      multiply_rows<kMostRows>(values + column, inner, a, rows, out + column, out_stride);
    }
  }
}

void multiply_halves(const std::byte* panel, std::int64_t inner, const MatrixView& a,
                     std::int64_t rows, float* out, std::int64_t out_stride) {
  multiply_columns(reinterpret_cast<const hwy::float16_t*>(panel), inner, a, rows, out, out_stride);
}

void multiply_floats(const std::byte* panel, std::int64_t inner, const MatrixView& a,
                     std::int64_t rows, float* out, std::int64_t out_stride) {
  multiply_columns(reinterpret_cast<const float*>(panel), inner, a, rows, out, out_stride);
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

void store_halves(const float* from, std::byte* to) {
  const Floats d;
  const Halves half;
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(d));
  auto* const halves = reinterpret_cast<hwy::float16_t*>(to);
  for (std::int64_t j = 0; j < kColumns; j += lanes) {
    hn::StoreU(hn::DemoteTo(half, hn::LoadU(d, from + j)), half, halves + j);
  }
}

}  // namespace
}  // namespace musicvae::models::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace musicvae::models {

HWY_EXPORT(multiply_halves);
HWY_EXPORT(multiply_floats);
HWY_EXPORT(row_within);
HWY_EXPORT(store_halves);

bool StepMatrix::half_precision_holds(const MatrixView& matrix, std::int64_t inner,
                                      std::int64_t columns) {
  constexpr float kLargest = 65504;
  for (std::int64_t k = 0; k < inner; ++k) {
    const float* row = matrix.data + k * matrix.stride;
    if (!HWY_DYNAMIC_DISPATCH(row_within)(row, columns, kLargest)) return false;
  }
  return true;
}

void StepMatrix::store_row(std::int64_t panel, std::int64_t k, const float* values) {
  auto* const to = values_.data() + panel * panel_bytes() + k * panel_bytes() / inner_;
  if (halves_) {
    HWY_DYNAMIC_DISPATCH(store_halves)(values, to);
  } else {
    std::copy_n(values, kPanel, reinterpret_cast<float*>(to));
  }
}

void StepMatrix::multiply_panel(std::int64_t panel, const MatrixView& a, std::int64_t rows,
                                float* out, std::int64_t out_stride) const {
  const auto* const values = values_.data() + panel * panel_bytes();
  if (halves_) {
    HWY_DYNAMIC_DISPATCH(multiply_halves)(values, inner_, a, rows, out, out_stride);
  } else {
    HWY_DYNAMIC_DISPATCH(multiply_floats)(values, inner_, a, rows, out, out_stride);
  }
}

}  // namespace musicvae::models
#endif
