#include "models/runtime/mixed_precision.hpp"

#include <torch/types.h>
#include <torch/utils.h>

#include "models/kernels/bfloat16.hpp"
#include "models/kernels/gemm.hpp"
#include "models/kernels/threads.hpp"
#include "models/lstm/layer_parts.hpp"
#include "models/model.hpp"
#include "models/objective/loss.hpp"
#include "tests/catch.hpp"
#include "tests/models/bfloat16.hpp"
#include "tests/models/random_batch.hpp"

namespace musicvae::models {
namespace {

using torch::Tensor;

FactorView view_rounded(const Tensor& matrix, bool transposed) {
  return MatrixOf<BFloat16>{static_cast<const BFloat16*>(matrix.data_ptr()), matrix.stride(0),
                            transposed};
}

/// Random numbers with a gap after each row.
Tensor random_matrix(std::int64_t rows, std::int64_t columns) {
  return torch::randn({rows, columns + 3}).narrow(1, 0, columns);
}

/// The matrix as it enters a product: rounded to bfloat16, then held in double precision.
Tensor rounded(const Tensor& matrix, bool transposed) {
  const auto values = matrix.to(torch::kBFloat16).to(torch::kDouble);
  return transposed ? values.t() : values;
}

double relative_error(const Tensor& actual, const Tensor& expected) {
  return ((actual - expected).norm() / expected.norm()).item<double>();
}

// Sizes that fit a block, that fill several, and that leave a few rows and columns over.
const std::vector<ProductSize> kSizes = {{16, 64, 64},     {17, 90, 65},   {512, 512, 1024},
                                         {600, 530, 1100}, {33, 1100, 90}, {70, 64, 2500}};

}  // namespace

TEST_CASE("Floats are rounded to the nearest bfloat16, ties to even", "[models][bfloat16]") {
  if (!bfloat16_products_at_hand()) return;
  auto floats = torch::randn({1003}) * torch::randn({1003}).mul(20).exp();
  const std::vector<float> ties = {1.00390625F, 1.01171875F, -1.00390625F, 0.0F, -0.0F, 3e38F};
  floats = torch::cat({floats, torch::tensor(ties)});
  const auto expected = floats.to(torch::kBFloat16);
  auto actual = torch::empty_like(expected);
  round_to_bfloat16(floats.data_ptr<float>(), floats.numel(),
                    reinterpret_cast<BFloat16*>(actual.data_ptr()));
  CHECK(torch::equal(actual, expected));
}

TEST_CASE("A product in bfloat16 is that of the rounded factors", "[models][bfloat16]") {
  if (!bfloat16_products_at_hand()) return;
  torch::manual_seed(3);
  for (const auto& size : kSizes) {
    for (int kind = 0; kind < 8; ++kind) {
      const bool a_transposed = kind & 1, b_transposed = kind & 2, accumulate = kind & 4;
      CAPTURE(size.rows, size.columns, size.inner, kind);
      const auto a = a_transposed ? random_matrix(size.inner, size.rows)
                                  : random_matrix(size.rows, size.inner);
      const auto b = b_transposed ? random_matrix(size.columns, size.inner)
                                  : random_matrix(size.inner, size.columns);
      const auto around = torch::randn({size.rows, size.columns + 3});
      const auto out = around.narrow(1, 0, size.columns);
      const auto beside = around.narrow(1, size.columns, 3);
      const auto before = beside.clone();
      auto expected = torch::mm(rounded(a, a_transposed), rounded(b, b_transposed));
      if (accumulate) expected += out;
      multiply(size, view(a, a_transposed), view(b, b_transposed), accumulate,
               out.data_ptr<float>(), out.stride(0), Factors::kBFloat16);
      CHECK(relative_error(out, expected) < 1e-5);
      CHECK(torch::equal(beside, before));
    }
  }
}

TEST_CASE("A row's product in bfloat16 does not depend on the rows beside it",
          "[models][bfloat16]") {
  if (!bfloat16_products_at_hand()) return;
  torch::manual_seed(6);
  const auto a = torch::randn({100, 1100}), b = torch::randn({1100, 90});
  const auto product = [&](std::int64_t first, std::int64_t rows) {
    auto out = torch::ones({rows, 90});
    multiply({rows, 90, 1100}, view(a[first].unsqueeze(0), false), view(b, false), true,
             out.data_ptr<float>(), 90, Factors::kBFloat16);
    return out;
  };
  const auto all = product(0, 100);
  for (const std::int64_t first : {0, 16, 21, 83}) {
    CHECK(torch::equal(product(first, 17), all.narrow(0, first, 17)));
  }
}

TEST_CASE("A product in bfloat16 does not depend on the number of threads", "[models][bfloat16]") {
  if (!bfloat16_products_at_hand()) return;
  torch::manual_seed(7);
  for (const auto& size : kSizes) {
    CAPTURE(size.rows, size.columns, size.inner);
    const auto a = random_matrix(size.rows, size.inner);
    const auto b = random_matrix(size.inner, size.columns);
    const auto product = [&](int threads) {
      const auto out = torch::ones({size.rows, size.columns});
      set_thread_count(threads);
      multiply(size, view(a, false), view(b, false), true, out.data_ptr<float>(), out.stride(0),
               Factors::kBFloat16);
      set_thread_count(0);
      return out;
    };
    const auto by_one = product(1);
    for (const int threads : {2, 3, 5}) CHECK(torch::equal(product(threads), by_one));
  }
}

TEST_CASE("Factors that are rounded already give the same product", "[models][bfloat16]") {
  if (!bfloat16_products_at_hand()) return;
  torch::manual_seed(5);
  for (const auto& size : kSizes) {
    for (int kind = 0; kind < 16; ++kind) {
      const bool a_transposed = kind & 1, b_transposed = kind & 2;
      const bool a_rounded = kind & 4, b_rounded = kind & 8;
      CAPTURE(size.rows, size.columns, size.inner, kind);
      const auto a = a_transposed ? random_matrix(size.inner, size.rows)
                                  : random_matrix(size.rows, size.inner);
      const auto b = b_transposed ? random_matrix(size.columns, size.inner)
                                  : random_matrix(size.inner, size.columns);
      const auto out = random_matrix(size.rows, size.columns);
      const auto expected = out.clone();
      const Tensor halves_a = a.to(torch::kBFloat16), halves_b = b.to(torch::kBFloat16);
      const FactorView left =
          a_rounded ? view_rounded(halves_a, a_transposed) : FactorView(view(a, a_transposed));
      const FactorView right =
          b_rounded ? view_rounded(halves_b, b_transposed) : FactorView(view(b, b_transposed));
      multiply(size, view(a, a_transposed), view(b, b_transposed), true, expected.data_ptr<float>(),
               expected.stride(0), Factors::kBFloat16);
      multiply(size, left, right, true, out.data_ptr<float>(), out.stride(0), Factors::kBFloat16);
      CHECK(relative_error(out, expected) < 1e-6);
    }
  }
}

TEST_CASE("Products that have a right-hand factor in common are the same one by one",
          "[models][bfloat16]") {
  if (!bfloat16_products_at_hand()) return;
  torch::manual_seed(8);
  for (const auto& size : kSizes) {
    const auto b = random_matrix(size.inner, size.columns);
    const Tensor halves = b.to(torch::kBFloat16);
    for (const auto& right : {FactorView(view(b, false)), view_rounded(halves, false)}) {
      CAPTURE(size.rows, size.columns, size.inner, right.index());
      std::vector<Tensor> factors, products;
      std::vector<LeftFactor> left;
      for (const std::int64_t rows : {size.rows, std::int64_t{40}, size.columns}) {
        factors.push_back(random_matrix(size.inner, rows));
        products.push_back(random_matrix(rows, size.columns));
        left.push_back({view(factors.back(), true), rows, products.back().data_ptr<float>()});
      }
      const auto stride = products[0].stride(0);
      multiply_each(left, size.columns, size.inner, right, stride, Factors::kBFloat16);
      for (std::size_t at = 0; at < left.size(); ++at) {
        const auto alone = random_matrix(left[at].rows, size.columns);
        multiply({left[at].rows, size.columns, size.inner}, left[at].a, right, false,
                 alone.data_ptr<float>(), stride, Factors::kBFloat16);
        CHECK(torch::equal(products[at], alone));
      }
    }
  }
}

TEST_CASE("A product with a factor laid out before is that of the rounded factors",
          "[models][bfloat16]") {
  if (!bfloat16_products_at_hand()) return;
  torch::manual_seed(4);
  for (const bool transposed : {false, true}) {
    const auto b = transposed ? random_matrix(130, 70) : random_matrix(70, 130);
    const PackedMatrix packed(view(b, transposed), 70, 130, 64, Factors::kBFloat16, tensor_memory);
    for (const std::int64_t rows : {1, 16, 64, 100}) {
      const auto a = torch::randn({rows, 70});
      const auto out = torch::empty({rows, 130});
      run_tasks(1, [&](int) { packed.multiply(a.data_ptr<float>(), rows, out.data_ptr<float>()); });
      CHECK(relative_error(out, torch::mm(rounded(a, false), rounded(b, transposed))) < 1e-5);
    }
  }
}

TEST_CASE("In mixed precision a network's loss and gradients stay near those in float",
          "[models][bfloat16]") {
  if (!bfloat16_products_at_hand()) return;
  for (const char* family : {"hierarchical", "flat"}) {
    auto config = small_config(family, RowKind::kTokens);
    config.encoder = config.conductor = config.decoder = {1, 96};
    config.latent = 64;
    const auto model = make_model(config, seeded(5));
    const Batch batch{random_rows(config, {20, 3, 8}, seeded(6)),
                      torch::full({20, 3}, 8, torch::kLong),
                      torch::zeros({20, 3, config.control_width})};
    const auto gradients = [&](double& loss) {
      model->zero_grad();
      const auto result = compute_loss(*model, batch, {}, seeded(7));
      result.total.backward();
      loss = result.total.item<double>();
      std::vector<Tensor> all;
      for (const auto& parameter : model->parameters()) all.push_back(parameter.grad().flatten());
      return torch::cat(all).clone();
    };
    double in_float = 0, in_mixed = 0;
    const auto expected = gradients(in_float);
    const MixedPrecision mixed;
    const auto actual = gradients(in_mixed);
    CHECK_FALSE(torch::equal(actual, expected));
    CHECK(in_mixed == Approx(in_float).epsilon(0.01));
    CHECK(relative_error(actual, expected) < 0.05);
  }
}

}  // namespace musicvae::models
