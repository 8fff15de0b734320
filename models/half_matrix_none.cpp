#include <stdexcept>

#include "models/half_matrix.hpp"

namespace musicvae::models {

// Without vector instructions to widen halves, full precision is as fast.
bool HalfMatrix::can_hold(const MatrixView&, std::int64_t, std::int64_t) { return false; }

HalfMatrix::HalfMatrix(const MatrixView&, std::int64_t inner, std::int64_t columns)
    : inner_(inner), columns_(columns) {
  throw std::logic_error("halves are not built in");
}

void HalfMatrix::multiply(const float*, std::int64_t, bool, float*) const {
  throw std::logic_error("halves are not built in");
}

}  // namespace musicvae::models
