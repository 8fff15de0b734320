#include <optional>
#include <stdexcept>

#include <torch/types.h>

#include "models/kernels/gemm.hpp"
#include "models/kernels/onednn.hpp"
#include "models/kernels/tile_factor.hpp"

namespace musicvae::models {
namespace {

using dnnl::memory;

std::unique_ptr<OneDnnFactor> pack_floats(const MatrixView& matrix, std::int64_t inner,
                                          std::int64_t columns, std::int64_t typical_rows) {
  const memory::dims strides =
      matrix.transposed ? memory::dims{1, matrix.stride} : memory::dims{matrix.stride, 1};
  const memory::desc described({inner, columns}, memory::data_type::f32, strides);
  const memory given(described, onednn_cpu(), const_cast<float*>(matrix.data));
  return std::make_unique<OneDnnFactor>(
      given, OneDnnFactor::Kind{inner, columns, memory::data_type::f32, memory::data_type::f32,
                                typical_rows});
}

/// out [rows, columns of b] = a b.
void multiply_rows(const FactorView& a, std::int64_t rows, const TileFactor& b, float* out) {
  thread_local TileFactor left(TileFactor::Side::kLeft);
  left.assign(a, rows, b.inner());
  multiply_tiles({left, 0, rows, 0}, {b, 0, b.lines(), 0}, b.inner(), false, out, b.lines());
}

}  // namespace

void multiply_floats(const ProductSize& size, const MatrixView& a, const MatrixView& b,
                     bool accumulate, float* out, std::int64_t out_stride) {
  const auto status = dnnl::sgemm(a.transposed ? 'T' : 'N', b.transposed ? 'T' : 'N', size.rows,
                                  size.columns, size.inner, 1.0F, a.data, a.stride, b.data,
                                  b.stride, accumulate ? 1.0F : 0.0F, out, out_stride);
  if (status != dnnl::status::success) throw std::runtime_error("oneDNN refused a matrix product");
}

struct PackedMatrix::Impl {
  /// One of the two is there.
  std::unique_ptr<OneDnnFactor> floats;
  std::optional<TileFactor> tiles;
  torch::Tensor tiles_memory;  ///< As a training step's tensors have it, in huge pages at best.
};

PackedMatrix::PackedMatrix(const MatrixView& matrix, std::int64_t inner, std::int64_t columns,
                           std::int64_t typical_rows, Factors factors)
    : impl_(std::make_unique<Impl>()) {
  if (worthwhile(factors, {typical_rows, columns, inner}) == Factors::kBFloat16) {
    constexpr std::int64_t kRowFloats = sizeof(TileFactor::Row) / sizeof(float);
    impl_->tiles_memory = torch::empty({TileFactor::rows_for(columns, inner), kRowFloats});
    auto* const memory = reinterpret_cast<TileFactor::Row*>(impl_->tiles_memory.data_ptr<float>());
    impl_->tiles.emplace(TileFactor::Side::kRight, memory).assign_by_all(matrix, columns, inner);
  } else {
    impl_->floats = pack_floats(matrix, inner, columns, typical_rows);
  }
}

PackedMatrix::~PackedMatrix() = default;
PackedMatrix::PackedMatrix(PackedMatrix&&) noexcept = default;
PackedMatrix& PackedMatrix::operator=(PackedMatrix&&) noexcept = default;

Factors PackedMatrix::factors() const {
  return impl_->tiles ? Factors::kBFloat16 : Factors::kFloat;
}

void PackedMatrix::multiply(const float* a, std::int64_t rows, float* out) const {
  if (impl_->tiles) {
    multiply_rows(MatrixView{a, impl_->tiles->inner()}, rows, *impl_->tiles, out);
  } else {
    impl_->floats->multiply(a, rows, out);
  }
}

void PackedMatrix::multiply(const MatrixOf<BFloat16>& a, std::int64_t rows, float* out) const {
  multiply_rows(a, rows, *impl_->tiles, out);
}

}  // namespace musicvae::models
