#include "models/kernels/gemm.hpp"

#include <memory>

#include "models/kernels/threads.hpp"
#include "tests/catch.hpp"
#include "tests/models/kernels/matrices.hpp"

namespace musicvae::models {
namespace {

const std::vector<ProductSize> kSizes = {{1, 1, 1},    {1, 90, 65},   {17, 1, 3},
                                         {16, 64, 64}, {33, 200, 90}, {200, 33, 130}};

/// Operand `a` or `b` as it is stored.
RandomMatrix stored(std::int64_t rows, std::int64_t columns, bool transposed, std::uint32_t seed) {
  return transposed ? RandomMatrix(columns, rows, seed) : RandomMatrix(rows, columns, seed);
}

TEST_CASE("A product is the sum of its factors' products, transposed or not, or adds it",
          "[kernels][gemm]") {
  for (const auto& size : kSizes) {
    for (int kind = 0; kind < 8; ++kind) {
      const bool a_transposed = kind & 1, b_transposed = kind & 2, accumulate = kind & 4;
      CAPTURE(size.rows, size.columns, size.inner, kind);
      const auto a = stored(size.rows, size.inner, a_transposed, 1);
      const auto b = stored(size.inner, size.columns, b_transposed, 2);
      RandomMatrix out(size.rows, size.columns, 3);
      const auto before = out.values;
      multiply(size, a.view(a_transposed), b.view(b_transposed), accumulate, out.values.data(),
               out.stride);
      const auto sums = product(size, a.view(a_transposed), b.view(b_transposed));
      double error = 0, change = 0;
      for (std::int64_t row = 0; row < size.rows; ++row) {
        for (std::int64_t column = 0; column < out.stride; ++column) {
          const auto at = static_cast<std::size_t>(row * out.stride + column);
          if (column >= size.columns) {
            change += std::abs(out.values[at] - before[at]);
            continue;
          }
          const auto sum = sums[static_cast<std::size_t>(row * size.columns + column)];
          error += std::abs(out.values[at] - sum - (accumulate ? before[at] : 0));
        }
      }
      CHECK(error < 1e-5 * static_cast<double>(size.rows * size.columns));
      CHECK(change == 0);
    }
  }
}

TEST_CASE("Products of a packed matrix are the matrix's", "[kernels][gemm]") {
  const auto no_memory = [](std::size_t) -> std::shared_ptr<void> { return nullptr; };
  for (const bool transposed : {false, true}) {
    const auto b = stored(70, 130, transposed, 2);
    const PackedMatrix packed(b.view(transposed), 70, 130, 16, Factors::kFloat, no_memory);
    CHECK(packed.factors() == Factors::kFloat);
    for (const std::int64_t rows : {1, 16, 100}) {
      RandomMatrix a(rows, 70, 1);
      a.stride = 70;
      std::vector<float> out(static_cast<std::size_t>(rows * 130));
      run_tasks(1, [&](int) { packed.multiply(a.values.data(), rows, out.data()); });
      CHECK(relative_error(out, product({rows, 130, 70}, a.view(), b.view(transposed))) < 1e-6);
    }
  }
}

TEST_CASE("Floats are rounded to the nearest bfloat16, ties to even", "[kernels][bfloat16]") {
  CHECK(to_bfloat16(1.0F) == 0x3f80);
  CHECK(to_bfloat16(1.00390625F) == 0x3f80);
  CHECK(to_bfloat16(1.01171875F) == 0x3f82);
  CHECK(to_bfloat16(-1.004F) == 0xbf81);
  const std::vector<float> floats = {0.0F, -0.0F, 3e38F};
  std::vector<BFloat16> rounded(floats.size());
  round_to_bfloat16(floats.data(), 3, rounded.data());
  CHECK(rounded == std::vector<BFloat16>{0, 0x8000, 0x7f62});
}

}  // namespace
}  // namespace musicvae::models
