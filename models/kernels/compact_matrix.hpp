#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "models/kernels/gemm.hpp"

namespace musicvae::models {

/// How a CompactMatrix keeps its values.
enum class Precision {
  kHalf,  ///< IEEE 754 binary16: 11 significant bits.
  kByte,  ///< Signed bytes; each kBlock values of a column share a scale, 1/127 of their
          ///< largest.
};

/// A right-hand factor in fewer bits, for products with so few rows that reading it is much of the
/// work. Sums are single precision. Columns come in panels that threads can share out.
class CompactMatrix {
 public:
  static constexpr std::int64_t kPanel = 64;  ///< Columns.
  static constexpr std::int64_t kBlock = 64;  ///< Values of a column with a scale of their own.

  /// Whether all values survive either way: none is infinite or rounds to it. Neither this nor the
  /// constructor takes a transposed matrix.
  static bool can_hold(const MatrixView& matrix, std::int64_t inner, std::int64_t columns);

  CompactMatrix(const MatrixView& matrix, std::int64_t inner, std::int64_t columns,
                Precision precision);

  /// out [rows, kPanel] = a [rows, inner] times the panel's columns, zeros beyond the last; or adds
  /// that.
  void multiply(const MatrixView& a, std::int64_t rows, std::int64_t panel, bool accumulate,
                float* out) const;

 private:
  std::int64_t inner_;
  Precision precision_;
  std::vector<std::byte> values_;  ///< Panel by panel, [inner, kPanel] each.
  std::vector<float> scales_;      ///< Of bytes: panel by panel, [blocks of inner, kPanel] each.
};

}  // namespace musicvae::models
