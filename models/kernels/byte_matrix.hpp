#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "models/kernels/gemm.hpp"

namespace musicvae::models {

/// Rows rounded to signed bytes, each to 127ths of its largest value.
struct ByteRows {
  /// Of `rows` rows of `inner` values without gaps.
  void round(const float* from, std::int64_t rows, std::int64_t inner);

  std::vector<std::int8_t> values;  ///< With room for what a product reads beyond them.
  std::vector<float> scales;        ///< A row's value is its byte times this.
};

/// Whether this processor sums products of bytes, and this build can have it do so.
bool byte_products_are_fast();

/// A right-hand factor in signed bytes, each column in 127ths of its largest value, for products
/// with rows rounded likewise. Where those are few, reading the matrix is the work, and a quarter
/// of it may stay in a cache that the whole does not. Sums of bytes are exact.
class ByteMatrix {
 public:
  /// Finite values, not transposed. `typical_rows` is what the layout is made for.
  ByteMatrix(const MatrixView& matrix, std::int64_t inner, std::int64_t columns,
             std::int64_t typical_rows);
  ~ByteMatrix();
  ByteMatrix(ByteMatrix&&) noexcept;
  ByteMatrix& operator=(ByteMatrix&&) noexcept;

  /// out [rows, columns] = a [rows, inner] times the matrix, or adds that; without gaps between
  /// rows. Any number of threads at once, each within run_tasks().
  void multiply(const ByteRows& a, bool accumulate, float* out) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace musicvae::models
