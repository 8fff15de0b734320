#include "models/families/mlp.hpp"

#include <torch/utils.h>

#include "tests/catch.hpp"
#include "tests/models/random_batch.hpp"

using namespace musicvae::models;

TEST_CASE("The Jacobian's norm agrees with finite differences of the code", "[models][zoo]") {
  for (const int layers : {1, 2, 3}) {
    auto config = small_config("mlp", RowKind::kBits);
    config.encoder.layers = layers;
    const auto model = vivid_model(config, 1);
    model->to(torch::kDouble);
    const torch::NoGradGuard no_grad;
    Batch batch = in_double(random_batch(config, 2));
    batch.lengths_BU = torch::full({2, 3}, 4, torch::kLong);
    const auto norm_B = model->jacobian_norm_B(batch);
    auto expected_B = torch::zeros({2}, torch::kDouble);
    constexpr double kStep = 1e-5;
    auto bits = batch.rows.view({2, -1});
    for (std::int64_t i = 0; i < bits.size(1); ++i) {
      bits.select(1, i) += kStep;
      const auto above = model->encode(batch).mu_BZ;
      bits.select(1, i) -= 2 * kStep;
      const auto below = model->encode(batch).mu_BZ;
      bits.select(1, i) += kStep;
      expected_B += ((above - below) / (2 * kStep)).square().sum(1);
    }
    CHECK(torch::allclose(norm_B, expected_B, 1e-6, 1e-6));
  }
}

TEST_CASE("A passage longer than the model's slots is refused", "[models][zoo][hostile]") {
  auto config = small_config("mlp", RowKind::kBits);
  config.rows_per_bar = 3;
  const auto model = make_model(config, seeded(1));
  CHECK_THROWS_AS(model->encode(random_batch(config, 2)), ModelError);
  config.rows_per_bar = 4;
  config.bars = 2;
  CHECK_THROWS_AS(make_model(config, seeded(1))->encode(random_batch(config, 2)), ModelError);
}
