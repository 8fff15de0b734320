#include <stdexcept>

#include <torch/types.h>
#include <torch/utils.h>

#include "models/kernels/gemm.hpp"

namespace musicvae::models {
namespace {

/// The matrix, `rows` by `columns` as it enters the product.
torch::Tensor as_tensor(const MatrixView& matrix, std::int64_t rows, std::int64_t columns) {
  const std::vector<std::int64_t> strides = matrix.transposed
                                                ? std::vector<std::int64_t>{1, matrix.stride}
                                                : std::vector<std::int64_t>{matrix.stride, 1};
  return torch::from_blob(const_cast<float*>(matrix.data), {rows, columns}, strides,
                          torch::kFloat32);
}

}  // namespace

void multiply_floats(const ProductSize& size, const MatrixView& a, const MatrixView& b,
                     bool accumulate, float* out, std::int64_t out_stride) {
  const torch::NoGradGuard no_grad;
  auto result = as_tensor({out, out_stride}, size.rows, size.columns);
  const auto left = as_tensor(a, size.rows, size.inner);
  const auto right = as_tensor(b, size.inner, size.columns);
  if (accumulate) {
    result.addmm_(left, right);
  } else {
    torch::mm_out(result, left, right);
  }
}

struct PackedMatrix::Impl {
  torch::Tensor matrix;
};

PackedMatrix::PackedMatrix(const MatrixView& matrix, std::int64_t inner, std::int64_t columns,
                           std::int64_t, Factors)
    : impl_(std::make_unique<Impl>()) {
  impl_->matrix = as_tensor(matrix, inner, columns).clone(torch::MemoryFormat::Contiguous);
}

PackedMatrix::~PackedMatrix() = default;
PackedMatrix::PackedMatrix(PackedMatrix&&) noexcept = default;
PackedMatrix& PackedMatrix::operator=(PackedMatrix&&) noexcept = default;

Factors PackedMatrix::factors() const { return Factors::kFloat; }

void PackedMatrix::multiply(const float* a, std::int64_t rows, float* out) const {
  const auto inner = impl_->matrix.size(0);
  const auto columns = impl_->matrix.size(1);
  multiply_floats({rows, columns, inner}, {a, inner}, {impl_->matrix.data_ptr<float>(), columns},
                  false, out, columns);
}

void PackedMatrix::multiply(const MatrixOf<BFloat16>&, std::int64_t, float*) const {
  throw std::logic_error("this build has no products in bfloat16");
}

}  // namespace musicvae::models
