#include "models/half_matrix.hpp"

#include <algorithm>
#include <cmath>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "models/half_matrix.cpp"
#include <hwy/foreach_target.h>  // compiles this file once for each kind of CPU
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace musicvae::models::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

using Floats = hn::CappedTag<float, HalfMatrix::kPanel / 4>;
using Halves = hn::Rebind<hwy::float16_t, Floats>;

/// Four vectors of columns at once, so that one addition need not wait for the last.
void multiply_panel(const std::uint16_t* panel, std::int64_t inner, const float* a, bool accumulate,
                    float* out) {
  const Floats d;
  const Halves half;
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(d));
  const auto* values = reinterpret_cast<const hwy::float16_t*>(panel);
  for (std::int64_t j = 0; j < HalfMatrix::kPanel; j += 4 * lanes) {
    auto sum0 = hn::Zero(d);
    auto sum1 = sum0;
    auto sum2 = sum0;
    auto sum3 = sum0;
    const auto* row = values + j;
    for (std::int64_t k = 0; k < inner; ++k, row += HalfMatrix::kPanel) {
      const auto x = hn::Set(d, a[k]);
      sum0 = hn::MulAdd(x, hn::PromoteTo(d, hn::LoadU(half, row)), sum0);
      sum1 = hn::MulAdd(x, hn::PromoteTo(d, hn::LoadU(half, row + lanes)), sum1);
      sum2 = hn::MulAdd(x, hn::PromoteTo(d, hn::LoadU(half, row + 2 * lanes)), sum2);
      sum3 = hn::MulAdd(x, hn::PromoteTo(d, hn::LoadU(half, row + 3 * lanes)), sum3);
    }
    const auto store = [&](auto sum, std::int64_t to) HWY_ATTR {
      hn::StoreU(accumulate ? hn::Add(sum, hn::LoadU(d, out + to)) : sum, d, out + to);
    };
    store(sum0, j);
    store(sum1, j + lanes);
    store(sum2, j + 2 * lanes);
    store(sum3, j + 3 * lanes);
  }
}

/// kPanel floats.
void to_halves(const float* from, std::uint16_t* to) {
  const Floats d;
  const Halves half;
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(d));
  for (std::int64_t j = 0; j < HalfMatrix::kPanel; j += lanes) {
    hn::StoreU(hn::DemoteTo(half, hn::LoadU(d, from + j)), half,
               reinterpret_cast<hwy::float16_t*>(to + j));
  }
}

}  // namespace
}  // namespace musicvae::models::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace musicvae::models {

HWY_EXPORT(multiply_panel);
HWY_EXPORT(to_halves);

bool HalfMatrix::can_hold(const MatrixView& matrix, std::int64_t inner, std::int64_t columns) {
  constexpr float kLargest = 65504;
  bool all = true;
  for (std::int64_t k = 0; k < inner; ++k) {
    const float* row = matrix.data + k * matrix.stride;
    for (std::int64_t j = 0; j < columns; ++j) all &= std::abs(row[j]) <= kLargest;
  }
  return all;
}

HalfMatrix::HalfMatrix(const MatrixView& matrix, std::int64_t inner, std::int64_t columns)
    : inner_(inner),
      columns_(columns),
      values_(static_cast<std::size_t>((columns + kPanel - 1) / kPanel * kPanel * inner)) {
  std::uint16_t* to = values_.data();
  for (std::int64_t first = 0; first < columns; first += kPanel) {
    const auto width = std::min(kPanel, columns - first);
    float row[kPanel] = {};
    for (std::int64_t k = 0; k < inner; ++k, to += kPanel) {
      std::copy_n(matrix.data + k * matrix.stride + first, width, row);
      HWY_DYNAMIC_DISPATCH(to_halves)(row, to);
    }
  }
}

void HalfMatrix::multiply(const float* a, std::int64_t panel, bool accumulate, float* out) const {
  HWY_DYNAMIC_DISPATCH(multiply_panel)
  (values_.data() + panel * inner_ * kPanel, inner_, a, accumulate, out);
}

}  // namespace musicvae::models
#endif
