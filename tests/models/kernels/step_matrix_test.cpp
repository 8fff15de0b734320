#include "models/kernels/step_matrix.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "models/kernels/threads.hpp"
#include "tests/catch.hpp"
#include "tests/models/kernels/matrices.hpp"

namespace musicvae::models {
namespace {

using Floats = std::vector<float>;

Floats multiply(const StepMatrix& matrix, const ProductSize& size, const MatrixView& a) {
  Floats out(static_cast<std::size_t>(size.rows * size.columns));
  matrix.multiply(a, size.rows, out.data());
  return out;
}

TEST_CASE("A step matrix's products are a float matrix's, to half precision", "[kernels][step]") {
  for (const auto& size : {ProductSize{1, 1, 1}, ProductSize{1, 64, 64}, ProductSize{3, 70, 65},
                           ProductSize{2, 128, 200}, ProductSize{7, 5, 63}, ProductSize{8, 64, 130},
                           ProductSize{15, 200, 40}, ProductSize{70, 65, 100}}) {
    CAPTURE(size.rows, size.columns, size.inner);
    const RandomMatrix a(size.rows, size.inner, 1), b(size.inner, size.columns, 2);
    const StepMatrix matrix(b.view(), size.inner, size.columns);
    const auto expected = product(size, a.view(), b.view());
    CHECK(relative_error(multiply(matrix, size, a.view()), expected) < 1e-3);
  }
}

TEST_CASE("A step matrix holds values exactly that half precision has", "[kernels][step]") {
  const ProductSize size{5, 70, 90};
  const RandomMatrix a(size.rows, size.inner, 1);
  RandomMatrix b(size.inner, size.columns, 2);
  for (auto& value : b.values) value = std::round(100 * value) / 128;
  const StepMatrix matrix(b.view(), size.inner, size.columns);
  CHECK(relative_error(multiply(matrix, size, a.view()), product(size, a.view(), b.view())) < 1e-6);
}

#if defined(MUSICVAE_HIGHWAY) && defined(__x86_64__)
TEST_CASE("Processors with fused multiplication give the bits of sums in order",
          "[kernels][step]") {
  if (!__builtin_cpu_supports("fma")) return;
  const ProductSize size{5, 70, 90};
  const RandomMatrix a(size.rows, size.inner, 1);
  RandomMatrix b(size.inner, size.columns, 2);
  for (auto& value : b.values) value = std::round(100 * value) / 128;  // Half precision has these.
  const StepMatrix matrix(b.view(), size.inner, size.columns);
  const auto products = multiply(matrix, size, a.view());
  for (std::int64_t row = 0; row < size.rows; ++row) {
    for (std::int64_t column = 0; column < size.columns; ++column) {
      float sum = 0;
      for (std::int64_t k = 0; k < size.inner; ++k) {
        sum = std::fma(*a.view().from(row, k).data, *b.view().from(k, column).data, sum);
      }
      REQUIRE(products[static_cast<std::size_t>(row * size.columns + column)] == sum);
    }
  }
}
#endif

TEST_CASE("A row's product does not depend on the rows beside it", "[kernels][step]") {
  const ProductSize size{70, 200, 150};
  const RandomMatrix a(size.rows, size.inner, 1), b(size.inner, size.columns, 2);
  const StepMatrix matrix(b.view(), size.inner, size.columns);
  const auto all = multiply(matrix, size, a.view());
  for (const std::int64_t rows : {1, 2, 3, 5, 8, 64}) {
    for (const std::int64_t first : {std::int64_t{0}, size.rows - rows}) {
      CAPTURE(rows, first);
      const auto some = multiply(matrix, {rows, size.columns, size.inner}, a.view().from(first, 0));
      CHECK(std::equal(some.begin(), some.end(), all.begin() + first * size.columns));
    }
  }
}

TEST_CASE("A step matrix's products do not depend on the number of threads", "[kernels][step]") {
  const ProductSize size{9, 1000, 700};
  const RandomMatrix a(size.rows, size.inner, 1), b(size.inner, size.columns, 2);
  const auto by_threads = [&](int threads) {
    set_thread_count(threads);
    const auto out = multiply(StepMatrix(b.view(), size.inner, size.columns), size, a.view());
    set_thread_count(0);
    return out;
  };
  const auto by_one = by_threads(1);
  for (const int threads : {2, 3, 5}) CHECK(by_threads(threads) == by_one);
}

TEST_CASE("Values too large for half precision multiply in single precision", "[kernels][step]") {
  const ProductSize size{3, 70, 90};
  const RandomMatrix a(size.rows, size.inner, 1);
  RandomMatrix b(size.inner, size.columns, 2);
  b.values[7] = 1e5F;
  const StepMatrix matrix(b.view(), size.inner, size.columns);
  CHECK(relative_error(multiply(matrix, size, a.view()), product(size, a.view(), b.view())) < 1e-6);
}

TEST_CASE("A value that is no number makes sums that are none", "[kernels][step]") {
  for (const float value :
       {std::numeric_limits<float>::infinity(), std::numeric_limits<float>::quiet_NaN()}) {
    const Floats b{1, value};
    const StepMatrix matrix({b.data(), 2}, 1, 2);
    const float one = 1;
    const auto sums = multiply(matrix, {1, 2, 1}, {&one, 1});
    CHECK(sums[0] == 1);
    CHECK_FALSE(std::isfinite(sums[1]));
  }
}

}  // namespace
}  // namespace musicvae::models
