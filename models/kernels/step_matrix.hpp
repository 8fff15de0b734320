#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "models/kernels/gemm.hpp"

namespace musicvae::models {

/// A right-hand factor laid out once for the products of many small steps. A product with few rows
/// takes the time of reading the factor, so its values are in half precision (IEEE 754 binary16);
/// they stay in single precision where one of them is too large for that.
///
/// Every sum is in single precision and goes through the inner dimension in order. A row's product
/// therefore depends neither on the rows beside it nor on the number of threads. In a build with
/// Highway all processors that fuse multiplication and addition (AVX2, AVX-512, NEON) give the same
/// bits.
class StepMatrix {
 public:
  /// Copies `matrix`, which is not transposed. By all threads; not within run_tasks().
  StepMatrix(const MatrixView& matrix, std::int64_t inner, std::int64_t columns);

  /// out [rows, columns] = a [rows, inner] times the matrix, with no gaps between out's rows. By as
  /// many threads as are worth it; not within run_tasks().
  void multiply(const MatrixView& a, std::int64_t rows, float* out) const;

 private:
  /// Columns are laid out in panels of this many, which threads share out.
  static constexpr std::int64_t kPanel = 64;

  /// Whether half precision holds all values of `matrix`, and this build has it.
  static bool half_precision_holds(const MatrixView& matrix, std::int64_t inner,
                                   std::int64_t columns);

  std::int64_t panels() const;
  std::int64_t panel_bytes() const;
  /// Puts a panel's row, kPanel values, to its place.
  void store_row(std::int64_t panel, std::int64_t k, const float* values);
  /// out [rows, kPanel] = a times one panel.
  void multiply_panel(std::int64_t panel, const MatrixView& a, std::int64_t rows, float* out,
                      std::int64_t out_stride) const;

  std::int64_t inner_;
  std::int64_t columns_;
  bool halves_;
  std::vector<std::byte> values_;  ///< Panel by panel, [inner, kPanel] each.
};

}  // namespace musicvae::models
