#include <stdexcept>

#include "models/kernels/compact_matrix.hpp"

namespace musicvae::models {

// Without vector instructions to widen them, full precision is as fast.
bool CompactMatrix::can_hold(const MatrixView&, std::int64_t, std::int64_t) { return false; }

CompactMatrix::CompactMatrix(const MatrixView&, std::int64_t inner, std::int64_t,
                             Precision precision)
    : inner_(inner), precision_(precision) {
  throw std::logic_error("compact matrices are not built in");
}

void CompactMatrix::multiply(const MatrixView&, std::int64_t, std::int64_t, bool, float*) const {
  throw std::logic_error("compact matrices are not built in");
}

}  // namespace musicvae::models
