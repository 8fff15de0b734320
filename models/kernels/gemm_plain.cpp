#include <algorithm>
#include <stdexcept>

#include "models/kernels/gemm.hpp"
#include "models/kernels/gemm_bfloat16.hpp"

/// Products in a build without oneDNN: of floats by a loop, of bfloat16 not at all.
namespace musicvae::models {
namespace {

float value_at(const MatrixView& matrix, std::int64_t row, std::int64_t column) {
  return *matrix.from(row, column).data;
}

void multiply_by_loop(const ProductSize& size, const MatrixView& a, const MatrixView& b,
                      bool accumulate, float* out, std::int64_t out_stride) {
  constexpr std::int64_t kDepth = 64;  // A cache keeps so many rows of b for all rows of a.
  std::vector<float> block(static_cast<std::size_t>(kDepth * size.columns));
  for (std::int64_t row = 0; row < size.rows && !accumulate; ++row) {
    std::fill_n(out + row * out_stride, size.columns, 0.0F);
  }
  for (std::int64_t first = 0; first < size.inner; first += kDepth) {
    const auto depth = std::min(kDepth, size.inner - first);
    for (std::int64_t k = 0; k < depth; ++k) {
      float* const copy = block.data() + k * size.columns;
      for (std::int64_t j = 0; j < size.columns; ++j) copy[j] = value_at(b, first + k, j);
    }
    for (std::int64_t row = 0; row < size.rows; ++row) {
      float* const sums = out + row * out_stride;
      for (std::int64_t k = 0; k < depth; ++k) {
        const float x = value_at(a, row, first + k);
        const float* const factors = block.data() + k * size.columns;
        for (std::int64_t j = 0; j < size.columns; ++j) sums[j] += x * factors[j];
      }
    }
  }
}

FloatProduct float_product = multiply_by_loop;

[[noreturn]] void refuse_bfloat16() {
  throw std::logic_error("this build has no products in bfloat16");
}

}  // namespace

bool replace_plain_product(FloatProduct product) {
  float_product = product;
  return true;
}

void multiply_floats(const ProductSize& size, const MatrixView& a, const MatrixView& b,
                     bool accumulate, float* out, std::int64_t out_stride) {
  float_product(size, a, b, accumulate, out, out_stride);
}

struct PackedMatrix::Impl {
  std::int64_t inner;
  std::int64_t columns;
  std::vector<float> values;  ///< [inner, columns].
};

PackedMatrix::PackedMatrix(const MatrixView& matrix, std::int64_t inner, std::int64_t columns,
                           std::int64_t /*typical_rows*/, Factors, const Allocate&)
    : impl_(std::make_unique<Impl>(Impl{inner, columns, {}})) {
  impl_->values.reserve(static_cast<std::size_t>(inner * columns));
  for (std::int64_t k = 0; k < inner; ++k) {
    for (std::int64_t j = 0; j < columns; ++j) impl_->values.push_back(value_at(matrix, k, j));
  }
}

PackedMatrix::~PackedMatrix() = default;
PackedMatrix::PackedMatrix(PackedMatrix&&) noexcept = default;
PackedMatrix& PackedMatrix::operator=(PackedMatrix&&) noexcept = default;

Factors PackedMatrix::factors() const { return Factors::kFloat; }

void PackedMatrix::multiply(const float* a, std::int64_t rows, float* out) const {
  const auto& [inner, columns, values] = *impl_;
  multiply_floats({rows, columns, inner}, {a, inner}, {values.data(), columns}, false, out,
                  columns);
}

void PackedMatrix::multiply(const MatrixOf<BFloat16>&, std::int64_t, float*) const {
  refuse_bfloat16();
}

bool bfloat16_products_are_fast() { return false; }

bool bfloat16_pays(const ProductSize&) { return false; }

void multiply_bfloat16(const ProductSize&, const FactorView&, const FactorView&, bool, float*,
                       std::int64_t) {
  refuse_bfloat16();
}

void multiply_each_bfloat16(const std::vector<LeftFactor>&, std::int64_t, std::int64_t,
                            const FactorView&, std::int64_t) {
  refuse_bfloat16();
}

}  // namespace musicvae::models
