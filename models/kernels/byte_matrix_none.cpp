#include <stdexcept>

#include "models/kernels/byte_matrix.hpp"

namespace musicvae::models {

bool byte_products_are_fast() { return false; }

void ByteRows::round(const float*, std::int64_t, std::int64_t) {}

struct ByteMatrix::Impl {};

ByteMatrix::ByteMatrix(const MatrixView&, std::int64_t, std::int64_t, std::int64_t) {
  throw std::logic_error("products of bytes are not built in");
}

ByteMatrix::~ByteMatrix() = default;
ByteMatrix::ByteMatrix(ByteMatrix&&) noexcept = default;
ByteMatrix& ByteMatrix::operator=(ByteMatrix&&) noexcept = default;

void ByteMatrix::multiply(const ByteRows&, bool, float*) const {
  throw std::logic_error("products of bytes are not built in");
}

}  // namespace musicvae::models
