#include <stdexcept>
#include <vector>

#include "models/gemm.hpp"
#include "models/gemm_bfloat16.hpp"
#include "models/onednn.hpp"

namespace musicvae::models {
namespace {

using dnnl::memory;

Factors factors_for(const ProductSize& size, Factors wanted) {
  return bfloat16_pays(size) ? wanted : Factors::kFloat;
}

memory::data_type type_of(Factors factors) {
  return factors == Factors::kFloat ? memory::data_type::f32 : memory::data_type::bf16;
}

}  // namespace

void multiply(const ProductSize& size, const MatrixView& a, const MatrixView& b, bool accumulate,
              float* out, std::int64_t out_stride, Factors factors) {
  if (factors_for(size, factors) == Factors::kBFloat16) {
    multiply_bfloat16(size, a, b, accumulate, out, out_stride);
    return;
  }
  const auto status = dnnl::sgemm(a.transposed ? 'T' : 'N', b.transposed ? 'T' : 'N', size.rows,
                                  size.columns, size.inner, 1.0F, a.data, a.stride, b.data,
                                  b.stride, accumulate ? 1.0F : 0.0F, out, out_stride);
  if (status != dnnl::status::success) throw std::runtime_error("oneDNN refused a matrix product");
}

void multiply(const ProductSize& size, const FactorView& a, const FactorView& b, bool accumulate,
              float* out, std::int64_t out_stride, Factors factors) {
  const auto* const floats_a = std::get_if<MatrixView>(&a);
  const auto* const floats_b = std::get_if<MatrixView>(&b);
  if (floats_a && floats_b) {
    multiply(size, *floats_a, *floats_b, accumulate, out, out_stride, factors);
  } else {
    multiply_bfloat16(size, a, b, accumulate, out, out_stride);
  }
}

struct PackedMatrix::Impl {
  Impl(const MatrixView& matrix, std::int64_t inner_size, std::int64_t columns,
       std::int64_t typical_rows, Factors wanted)
      : inner(inner_size),
        factors(factors_for({typical_rows, columns, inner}, wanted)),
        factor(as_memory(matrix, inner, columns),
               {inner, columns, type_of(factors), memory::data_type::f32, typical_rows}) {}

  static memory as_memory(const MatrixView& matrix, std::int64_t inner, std::int64_t columns) {
    const memory::dims strides =
        matrix.transposed ? memory::dims{1, matrix.stride} : memory::dims{matrix.stride, 1};
    const memory::desc given({inner, columns}, memory::data_type::f32, strides);
    return {given, onednn_cpu(), const_cast<float*>(matrix.data)};
  }

  std::int64_t inner;
  Factors factors;
  OneDnnFactor factor;
};

PackedMatrix::PackedMatrix(const MatrixView& matrix, std::int64_t inner, std::int64_t columns,
                           std::int64_t typical_rows, Factors factors)
    : impl_(std::make_unique<Impl>(matrix, inner, columns, typical_rows, factors)) {}

PackedMatrix::~PackedMatrix() = default;
PackedMatrix::PackedMatrix(PackedMatrix&&) noexcept = default;
PackedMatrix& PackedMatrix::operator=(PackedMatrix&&) noexcept = default;

Factors PackedMatrix::factors() const { return impl_->factors; }

void PackedMatrix::multiply(const float* a, std::int64_t rows, float* out) const {
  if (impl_->factors == Factors::kFloat) {
    impl_->factor.multiply(a, rows, out);
    return;
  }
  thread_local std::vector<BFloat16> rounded;
  rounded.resize(static_cast<std::size_t>(rows * impl_->inner));
  round_to_bfloat16(a, rows * impl_->inner, rounded.data());
  multiply(rounded.data(), rows, out);
}

void PackedMatrix::multiply(const BFloat16* a, std::int64_t rows, float* out) const {
  impl_->factor.multiply(a, rows, out);
}

}  // namespace musicvae::models
