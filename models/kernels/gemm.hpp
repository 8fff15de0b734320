#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <utility>
#include <variant>
#include <vector>

#include "models/kernels/bfloat16.hpp"

namespace musicvae::models {

/// A row-major matrix in someone else's memory; row starts are `stride` values apart.
template <class Value>
struct MatrixOf {
  const Value* data = nullptr;
  std::int64_t stride = 0;
  bool transposed = false;  ///< The matrix is the transpose of what is stored.

  /// The part that begins at a row and a column of the matrix.
  MatrixOf from(std::int64_t row, std::int64_t column) const {
    if (transposed) std::swap(row, column);
    return {data + row * stride + column, stride, transposed};
  }
};

using MatrixView = MatrixOf<float>;
/// A factor that may be rounded already.
using FactorView = std::variant<MatrixView, MatrixOf<BFloat16>>;

struct ProductSize {
  std::int64_t rows = 0;     ///< a and out have so many.
  std::int64_t columns = 0;  ///< b and out have so many.
  std::int64_t inner = 0;    ///< Columns of a and rows of b.
};

/// The precision of a product's factors. Sums are float.
enum class Factors { kFloat, kBFloat16 };

/// Whether products in bfloat16 are several times faster than in float: the processor has tiles for
/// them (AMX), and this build uses those.
bool bfloat16_products_are_fast();

/// The precision in which a product of this size is computed when `factors` are asked for: float if
/// it is too small for rounding its factors to pay.
Factors worthwhile(Factors factors, const ProductSize& size);

/// out = a b, or out += a b, by as many threads as are worth it; not within run_tasks(). In
/// bfloat16 the result does not depend on the number of threads.
void multiply(const ProductSize& size, const MatrixView& a, const MatrixView& b, bool accumulate,
              float* out, std::int64_t out_stride, Factors factors = Factors::kFloat);

/// The same. If a factor is in bfloat16 already, which is allowed only where such products are
/// fast, the product is in bfloat16.
void multiply(const ProductSize& size, const FactorView& a, const FactorView& b, bool accumulate,
              float* out, std::int64_t out_stride, Factors factors = Factors::kFloat);

/// A left-hand factor, and the place for its product.
struct LeftFactor {
  FactorView a;
  std::int64_t rows = 0;
  float* out = nullptr;
};

/// out = a b for each left-hand factor. They share b, which is laid out once.
void multiply_each(const std::vector<LeftFactor>& left, std::int64_t columns, std::int64_t inner,
                   const FactorView& b, std::int64_t out_stride, Factors factors);

/// multiply() of floats on this thread alone, for use within run_tasks().
void multiply_floats(const ProductSize& size, const MatrixView& a, const MatrixView& b,
                     bool accumulate, float* out, std::int64_t out_stride);

/// A function that does what multiply_floats() does.
using FloatProduct = void (*)(const ProductSize& size, const MatrixView& a, const MatrixView& b,
                              bool accumulate, float* out, std::int64_t out_stride);

/// A build without oneDNN multiplies floats by a plain loop. Puts `product` in the loop's place and
/// returns true; a build with oneDNN keeps its products and returns false.
bool replace_plain_product(FloatProduct product);

/// Gives memory of so many bytes, aligned to 64.
using Allocate = std::function<std::shared_ptr<void>(std::size_t bytes)>;

/// A right-hand factor laid out once for many products.
class PackedMatrix {
 public:
  /// The layout is best for products with `typical_rows` rows. Tiles of bfloat16 lie in memory from
  /// `allocate`. By all threads; not within run_tasks().
  PackedMatrix(const MatrixView& matrix, std::int64_t inner, std::int64_t columns,
               std::int64_t typical_rows, Factors factors, const Allocate& allocate);
  ~PackedMatrix();
  PackedMatrix(PackedMatrix&&) noexcept;
  PackedMatrix& operator=(PackedMatrix&&) noexcept;

  /// The precision in use; may be float though bfloat16 was asked for.
  Factors factors() const;

  /// out [rows, columns] = a [rows, inner] times the matrix; both without gaps between rows. Any
  /// number of threads may do this at once, each within run_tasks().
  void multiply(const float* a, std::int64_t rows, float* out) const;
  /// The same with rows in bfloat16, which may have gaps; factors() must be kBFloat16.
  void multiply(const MatrixOf<BFloat16>& a, std::int64_t rows, float* out) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace musicvae::models
