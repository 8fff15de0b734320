#include "models/kernels/byte_matrix.hpp"

#include <torch/types.h>
#include <torch/utils.h>

#include "tests/catch.hpp"

namespace musicvae::models {
namespace {

using torch::Tensor;

/// a times b, both in bytes, added to `start` or in its place.
Tensor product(const Tensor& a_NK, const Tensor& b_KC, bool accumulate, double start) {
  const ByteMatrix matrix({b_KC.data_ptr<float>(), b_KC.stride(0)}, b_KC.size(0), b_KC.size(1), 16);
  ByteRows rows;
  rows.round(a_NK.data_ptr<float>(), a_NK.size(0), a_NK.size(1));
  auto out_NC = torch::full({a_NK.size(0), b_KC.size(1)}, start);
  matrix.multiply(rows, accumulate, out_NC.data_ptr<float>());
  return out_NC;
}

struct Shape {
  std::int64_t rows;
  std::int64_t inner;
  std::int64_t columns;
};

constexpr Shape kShapes[] = {{1, 1, 1},   {1, 64, 64},  {3, 65, 70},    {2, 200, 128},
                             {7, 63, 5},  {16, 300, 4}, {15, 40, 200},  {1, 512, 256},
                             {2, 70, 64}, {3, 66, 128}, {16, 512, 512}, {33, 7, 100}};

TEST_CASE("A byte matrix's products are a float matrix's, to 127ths", "[models][bytes]") {
  if (!byte_products_are_fast()) return;
  torch::manual_seed(1);
  for (const auto& [rows, inner, columns] : kShapes) {
    INFO(rows << " x " << inner << " x " << columns);
    const auto a = torch::randn({rows, inner});
    const auto b = torch::randn({inner, columns + 9}).narrow(1, 4, columns);
    const auto expected = torch::mm(a, b);
    // Roundings of either factor, independent, against products that add up likewise.
    const auto tolerance = 2e-2 * expected.norm().item<double>() + 1e-6;
    CHECK((product(a, b, false, 5) - expected).norm().item<double>() < tolerance);
    CHECK((product(a, b, true, 5) - expected - 5).norm().item<double>() < tolerance);
  }
}

TEST_CASE("A byte matrix multiplies small whole numbers exactly", "[models][bytes]") {
  if (!byte_products_are_fast()) return;
  torch::manual_seed(1);
  for (const auto& [rows, inner, columns] : kShapes) {
    INFO(rows << " x " << inner << " x " << columns);
    auto a = torch::randint(-127, 128, {rows, inner}, torch::kFloat);
    auto b = torch::randint(-127, 128, {inner, columns}, torch::kFloat);
    a.select(1, 0).fill_(-127);
    b.select(0, inner - 1).fill_(127);
    CHECK(torch::allclose(product(a, b, false, 0), torch::mm(a, b), 1e-6, 1e-3));
  }
}

TEST_CASE("A row's product in bytes does not depend on the rows beside it", "[models][bytes]") {
  if (!byte_products_are_fast()) return;
  torch::manual_seed(1);
  const auto a = torch::randn({16, 130});
  const auto b = torch::randn({130, 128});
  const auto all = product(a, b, true, 1);
  for (const std::int64_t rows : {1, 2, 3, 4}) {
    INFO(rows << " rows");
    CHECK(torch::equal(product(a.narrow(0, 0, rows), b, true, 1), all.narrow(0, 0, rows)));
  }
}

TEST_CASE("Bytes keep small rows and columns beside large ones, and zeros", "[models][bytes]") {
  if (!byte_products_are_fast()) return;
  const auto a = torch::tensor({{1e6F, 0.0F}, {0.0F, 1e-6F}, {0.0F, 0.0F}});
  const auto b = torch::tensor({{1e-3F, 1e3F, 0.0F}, {1e-3F, 1e3F, 0.0F}});
  CHECK(torch::allclose(product(a, b, false, 1), torch::mm(a, b), 1e-5, 0));
}

}  // namespace
}  // namespace musicvae::models
