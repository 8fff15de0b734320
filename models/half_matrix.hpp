#pragma once

#include <cstdint>
#include <vector>

#include "models/gemm.hpp"

namespace musicvae::models {

/// A right-hand factor in half precision (IEEE 754 binary16) for products with very few rows, which
/// take as long as reading it does. Sums are single precision. Columns come in panels that threads
/// can share out.
class HalfMatrix {
 public:
  static constexpr std::int64_t kPanel = 64;  ///< Columns.

  /// Whether all values survive as halves, to 11 bits: none is infinite or rounds to it. Neither
  /// this nor the constructor takes a transposed matrix.
  static bool can_hold(const MatrixView& matrix, std::int64_t inner, std::int64_t columns);

  HalfMatrix(const MatrixView& matrix, std::int64_t inner, std::int64_t columns);

  std::int64_t panels() const { return (columns_ + kPanel - 1) / kPanel; }
  /// out[0, kPanel) = a [inner] times the panel's columns, zeros beyond the last; or adds that.
  void multiply(const float* a, std::int64_t panel, bool accumulate, float* out) const;

 private:
  std::int64_t inner_;
  std::int64_t columns_;
  std::vector<std::uint16_t> values_;  ///< Panel by panel, [inner, kPanel] each.
};

}  // namespace musicvae::models
