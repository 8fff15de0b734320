#include "models/kernels/byte_matrix.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <utility>

#include "models/kernels/byte_dot_products.hpp"
#include "models/kernels/onednn.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "models/kernels/byte_matrix.cpp"
#include <hwy/foreach_target.h>  // compiles this file once for each kind of CPU
#include <hwy/highway.h>

#include "models/kernels/for_vectors-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace musicvae::models::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

/// The bytes of values[i] * factor(d, i).
template <class Factor>
HWY_INLINE void round_values(const float* values, std::int64_t count, const Factor& factor,
                             std::int8_t* to) {
  for_vectors(count, [&](auto d, std::int64_t i) HWY_ATTR {
    const hn::Rebind<std::int8_t, decltype(d)> bytes;
    const auto value = hn::Mul(hn::LoadU(d, values + i), factor(d, i));
    hn::StoreU(hn::DemoteTo(bytes, hn::NearestInt(value)), bytes, to + i);
  });
}

/// Returns the row's scale.
float round_row(const float* row, std::int64_t count, std::int8_t* to) {
  const hn::ScalableTag<float> d;
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(d));
  auto most = hn::Zero(d);
  std::int64_t i = 0;
  for (; i + lanes <= count; i += lanes) most = hn::Max(most, hn::Abs(hn::LoadU(d, row + i)));
  float largest = hn::GetLane(hn::MaxOfLanes(d, most));
  for (; i < count; ++i) largest = std::max(largest, std::abs(row[i]));
  const float factor = largest > 0 ? 127 / largest : 0;
  round_values(
      row, count, [=](auto v, std::int64_t) HWY_ATTR { return hn::Set(v, factor); }, to);
  return largest / 127;
}

/// Each of `largest` becomes the largest magnitude of it and the row's.
void raise_to_row(const float* row, std::int64_t count, float* largest) {
  for_vectors(count, [=](auto d, std::int64_t i) HWY_ATTR {
    const auto raised = hn::Max(hn::LoadU(d, largest + i), hn::Abs(hn::LoadU(d, row + i)));
    hn::StoreU(raised, d, largest + i);
  });
}

void round_row_by(const float* row, const float* factors, std::int64_t count, std::int8_t* to) {
  round_values(
      row, count, [=](auto d, std::int64_t i) HWY_ATTR { return hn::LoadU(d, factors + i); }, to);
}

/// sums[i] * scale * scales[i], or adds it.
void scale_sums(const std::int32_t* sums, std::int64_t count, float scale, const float* scales,
                bool accumulate, float* out) {
  for_vectors(count, [=](auto d, std::int64_t i) HWY_ATTR {
    const hn::RebindToSigned<decltype(d)> integers;
    const auto sum = hn::ConvertTo(d, hn::LoadU(integers, sums + i));
    const auto by = hn::Mul(hn::Set(d, scale), hn::LoadU(d, scales + i));
    const auto start = accumulate ? hn::LoadU(d, out + i) : hn::Zero(d);
    hn::StoreU(hn::MulAdd(sum, by, start), d, out + i);
  });
}

}  // namespace
}  // namespace musicvae::models::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace musicvae::models {
namespace {

using dnnl::memory;

HWY_EXPORT(round_row);
HWY_EXPORT(raise_to_row);
HWY_EXPORT(round_row_by);
HWY_EXPORT(scale_sums);

/// Products are made for a power of two of rows, so that few kinds are needed.
std::int64_t padded(std::int64_t rows) {
  return static_cast<std::int64_t>(std::bit_ceil<std::uint64_t>(rows));
}

std::vector<float> column_scales(const MatrixView& matrix, std::int64_t inner,
                                 std::int64_t columns) {
  std::vector<float> scales(static_cast<std::size_t>(columns));
  for (std::int64_t k = 0; k < inner; ++k) {
    HWY_DYNAMIC_DISPATCH(raise_to_row)
    (matrix.data + k * matrix.stride, columns, scales.data());
  }
  for (auto& scale : scales) scale /= 127;
  return scales;
}

std::vector<std::int8_t> round_columns(const MatrixView& matrix, std::int64_t inner,
                                       const std::vector<float>& scales) {
  std::vector<float> factors;
  for (const float scale : scales) factors.push_back(scale > 0 ? 1 / scale : 0);
  const auto columns = static_cast<std::int64_t>(scales.size());
  std::vector<std::int8_t> bytes(static_cast<std::size_t>(inner * columns));
  for (std::int64_t k = 0; k < inner; ++k) {
    HWY_DYNAMIC_DISPATCH(round_row_by)
    (matrix.data + k * matrix.stride, factors.data(), columns, bytes.data() + k * columns);
  }
  return bytes;
}

/// As ByteBlocks has them.
std::vector<std::int32_t> column_starts(const std::vector<std::int8_t>& bytes,
                                        std::int64_t columns) {
  std::vector<std::int32_t> starts(static_cast<std::size_t>(columns));
  for (auto row = bytes.begin(); row != bytes.end(); row += columns) {
    std::transform(
        row, row + columns, starts.begin(), starts.begin(),
        [](std::int32_t value, std::int32_t start) { return start - ByteBlocks::kShift * value; });
  }
  return starts;
}

}  // namespace

void ByteRows::round(const float* from, std::int64_t rows, std::int64_t inner) {
  values.resize(static_cast<std::size_t>(padded(rows) * inner + ByteBlocks::kGroup));
  scales.resize(static_cast<std::size_t>(rows));
  for (std::int64_t r = 0; r < rows; ++r) {
    scales[static_cast<std::size_t>(r)] =
        HWY_DYNAMIC_DISPATCH(round_row)(from + r * inner, inner, values.data() + r * inner);
  }
}

bool byte_products_are_fast() {
  constexpr auto kDotProducts = static_cast<unsigned>(dnnl::cpu_isa::avx512_core_vnni);
  return (static_cast<unsigned>(dnnl::get_effective_cpu_isa()) & kDotProducts) == kDotProducts;
}

struct ByteMatrix::Impl {
  std::int64_t inner;
  std::vector<float> scales;         ///< Of columns.
  std::vector<std::int32_t> starts;  ///< As ByteBlocks has them.
  OneDnnFactor factor;
  const std::int8_t* blocks;  ///< As ByteBlocks has them, or null.
};

ByteMatrix::ByteMatrix(const MatrixView& matrix, std::int64_t inner, std::int64_t columns,
                       std::int64_t typical_rows) {
  auto scales = column_scales(matrix, inner, columns);
  auto bytes = round_columns(matrix, inner, scales);
  const memory::desc given({inner, columns}, memory::data_type::s8, memory::format_tag::ab);
  const OneDnnFactor::Kind kind{inner, columns, memory::data_type::s8, memory::data_type::s32,
                                padded(typical_rows)};
  impl_.reset(new Impl{inner, std::move(scales), column_starts(bytes, columns),
                       OneDnnFactor(memory(given, onednn_cpu(), bytes.data()), kind), nullptr});
  // Without tiles oneDNN has another layout, and multiplies few rows as fast.
  if (has_byte_dot_products() && columns % ByteBlocks::kColumns == 0) {
    impl_->blocks =
        static_cast<const std::int8_t*>(impl_->factor.values_in(memory::format_tag::BA16a64b4a));
  }
}

ByteMatrix::~ByteMatrix() = default;
ByteMatrix::ByteMatrix(ByteMatrix&&) noexcept = default;
ByteMatrix& ByteMatrix::operator=(ByteMatrix&&) noexcept = default;

void ByteMatrix::multiply(const ByteRows& a, bool accumulate, float* out) const {
  const auto rows = static_cast<std::int64_t>(a.scales.size());
  const auto columns = static_cast<std::int64_t>(impl_->scales.size());
  if (impl_->blocks && rows <= kMostDotRows) {
    const ByteBlocks factor{impl_->blocks, impl_->inner, columns, impl_->starts.data(),
                            impl_->scales.data()};
    multiply_few_rows(factor, a.values.data(), a.scales.data(), rows, accumulate, out);
    return;
  }
  thread_local std::vector<std::int32_t> sums;
  sums.resize(static_cast<std::size_t>(padded(rows) * columns));
  impl_->factor.multiply(a.values.data(), padded(rows), sums.data());
  for (std::int64_t r = 0; r < rows; ++r) {
    HWY_DYNAMIC_DISPATCH(scale_sums)
    (sums.data() + r * columns, columns, a.scales[static_cast<std::size_t>(r)],
     impl_->scales.data(), accumulate, out + r * columns);
  }
}

}  // namespace musicvae::models
#endif
