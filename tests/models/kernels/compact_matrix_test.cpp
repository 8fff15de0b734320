#include "models/kernels/compact_matrix.hpp"

#include <limits>

#include <torch/types.h>
#include <torch/utils.h>

#include "tests/catch.hpp"

namespace musicvae::models {
namespace {

using torch::Tensor;

constexpr auto kPanel = CompactMatrix::kPanel;

MatrixView view(const Tensor& matrix) { return {matrix.data_ptr<float>(), matrix.stride(0)}; }

/// a times the matrix, panel by panel: [rows, panels * kPanel]. Added to `start`.
Tensor product(const CompactMatrix& matrix, const Tensor& a_NK, std::int64_t columns,
               bool accumulate, double start) {
  std::vector<Tensor> panels;
  for (std::int64_t panel = 0; panel * kPanel < columns; ++panel) {
    auto out = torch::full({a_NK.size(0), kPanel}, start);
    matrix.multiply(view(a_NK), a_NK.size(0), panel, accumulate, out.data_ptr<float>());
    panels.push_back(out);
  }
  return torch::cat(panels, 1);
}

double relative_error(const Tensor& actual, const Tensor& expected) {
  return ((actual - expected).norm() / expected.norm()).item<double>();
}

struct Shape {
  std::int64_t rows;
  std::int64_t inner;
  std::int64_t columns;
};

bool built_in() {
  const auto one = torch::ones({1, 1});
  return CompactMatrix::can_hold(view(one), 1, 1);
}

TEST_CASE("A compact matrix's products are a float matrix's, to its precision",
          "[models][compact]") {
  if (!built_in()) return;
  torch::manual_seed(1);
  for (const auto& [rows, inner, columns] :
       {Shape{1, 1, 1}, Shape{1, 64, 64}, Shape{3, 65, 70}, Shape{2, 200, 128}, Shape{7, 63, 5},
        Shape{8, 130, 64}, Shape{15, 40, 200}, Shape{37, 100, 65}}) {
    INFO(rows << " x " << inner << " x " << columns);
    // Views into wider matrices, as the LSTM's gates are.
    const auto a = torch::randn({rows, inner + 3}).narrow(1, 0, inner);
    const auto b = torch::randn({inner, columns + 9}).narrow(1, 4, columns);
    const auto expected = torch::mm(a, b);
    const auto added = expected + 2;
    for (const auto precision : {Precision::kHalf, Precision::kByte}) {
      const CompactMatrix matrix(view(b), inner, columns, precision);
      const double tolerance = precision == Precision::kHalf ? 1e-3 : 1.5e-2;
      const auto replaced = product(matrix, a, columns, false, 2);
      CHECK(relative_error(replaced.narrow(1, 0, columns), expected) < tolerance);
      CHECK(relative_error(product(matrix, a, columns, true, 2).narrow(1, 0, columns), added) <
            tolerance);
      CHECK(replaced.narrow(1, columns, replaced.size(1) - columns).count_nonzero().item<int>() ==
            0);
    }
  }
}

TEST_CASE("Bytes keep small values of a column beside large ones of another block",
          "[models][compact]") {
  if (!built_in()) return;
  constexpr auto kBlock = CompactMatrix::kBlock;
  auto b = torch::ones({2 * kBlock, 1});
  b.narrow(0, 0, kBlock).fill_(1e-6);
  const CompactMatrix matrix(view(b), 2 * kBlock, 1, Precision::kByte);
  auto a = torch::zeros({1, 2 * kBlock});
  a[0][3] = 1;
  CHECK(product(matrix, a, 1, false, 0)[0][0].item<float>() == Approx(1e-6).epsilon(1e-5));
}

TEST_CASE("A compact matrix cannot hold what is infinite or becomes so", "[models][compact]") {
  for (const float value :
       {1e5F, std::numeric_limits<float>::infinity(), std::numeric_limits<float>::quiet_NaN()}) {
    auto b = torch::zeros({3, 4});
    b[2][3] = value;
    CHECK_FALSE(CompactMatrix::can_hold(view(b), 3, 4));
  }
}

}  // namespace
}  // namespace musicvae::models
