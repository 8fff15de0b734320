#pragma once

#include <cstdint>
#include <memory>
#include <utility>
#include <variant>
#include <vector>

#include "models/kernels/bfloat16.hpp"

namespace musicvae::models {

/// A row-major matrix in someone else's memory; `stride` values from one row to the next.
template <class Value>
struct MatrixOf {
  const Value* data = nullptr;
  std::int64_t stride = 0;
  bool transposed = false;  ///< Multiply with the transpose of what is stored.

  /// As it enters the product, from that row and column on.
  MatrixOf from(std::int64_t row, std::int64_t column) const {
    if (transposed) std::swap(row, column);
    return {data + row * stride + column, stride, transposed};
  }
};

using MatrixView = MatrixOf<float>;
/// A factor that may be rounded already.
using FactorView = std::variant<MatrixView, MatrixOf<BFloat16>>;

struct ProductSize {
  std::int64_t rows = 0;     ///< Of a and out.
  std::int64_t columns = 0;  ///< Of b and out.
  std::int64_t inner = 0;
};

/// What a product's factors are rounded to; sums are float. Small products keep floats.
enum class Factors { kFloat, kBFloat16 };

/// Whether this processor multiplies bfloat16 several times faster than float, and this build can
/// have it do so.
bool bfloat16_products_are_fast();

/// What a product of this size is made of where `factors` are asked for.
Factors worthwhile(Factors factors, const ProductSize& size);

/// out = a b, or out += a b, by as many threads as are worth it; not within run_tasks(). In
/// bfloat16 what is computed does not depend on how many there are.
void multiply(const ProductSize& size, const MatrixView& a, const MatrixView& b, bool accumulate,
              float* out, std::int64_t out_stride, Factors factors = Factors::kFloat);

/// The same; of rounded factors where one is rounded already, which is only where products in
/// bfloat16 are fast.
void multiply(const ProductSize& size, const FactorView& a, const FactorView& b, bool accumulate,
              float* out, std::int64_t out_stride, Factors factors = Factors::kFloat);

/// A left-hand factor and where its product goes.
struct LeftFactor {
  FactorView a;
  std::int64_t rows = 0;
  float* out = nullptr;
};

/// out = a b of each, where b need be laid out but once.
void multiply_each(const std::vector<LeftFactor>& left, std::int64_t columns, std::int64_t inner,
                   const FactorView& b, std::int64_t out_stride, Factors factors);

/// multiply() of floats, on this thread alone: within run_tasks().
void multiply_floats(const ProductSize& size, const MatrixView& a, const MatrixView& b,
                     bool accumulate, float* out, std::int64_t out_stride);

/// A right-hand factor laid out once for many products with few rows.
class PackedMatrix {
 public:
  /// `typical_rows` is what the layout is made for. By all threads; not within run_tasks().
  PackedMatrix(const MatrixView& matrix, std::int64_t inner, std::int64_t columns,
               std::int64_t typical_rows, Factors factors = Factors::kFloat);
  ~PackedMatrix();
  PackedMatrix(PackedMatrix&&) noexcept;
  PackedMatrix& operator=(PackedMatrix&&) noexcept;

  /// What was made of those asked for.
  Factors factors() const;

  /// out [rows, columns] = a [rows, inner] times the matrix; both without gaps between rows. Any
  /// number of threads at once, each within run_tasks().
  void multiply(const float* a, std::int64_t rows, float* out) const;
  /// The same of rows with gaps, for a matrix with factors in bfloat16.
  void multiply(const MatrixOf<BFloat16>& a, std::int64_t rows, float* out) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace musicvae::models
