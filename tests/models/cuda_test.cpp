#include "tests/models/cuda.hpp"

#include <torch/autograd.h>
#include <torch/utils.h>

#include "models/objective/loss.hpp"
#include "models/runtime/mixed_precision.hpp"
#include "tests/models/random_batch.hpp"

using namespace musicvae;
using namespace musicvae::models;

namespace {

/// The same model twice, in double precision.
struct Twins {
  explicit Twins(const ModelConfig& config)
      : here(vivid_model(config, 1)), there(vivid_model(config, 1)) {
    here->to(torch::kDouble);
    there->to(torch::kDouble);
    there->to(torch::kCUDA);
  }

  std::shared_ptr<Model> here;
  std::shared_ptr<Model> there;
};

double relative_error(const torch::Tensor& actual, const torch::Tensor& expected) {
  const auto scale = std::max(expected.abs().max().item<double>(), 1e-3);
  return (actual.cpu() - expected).abs().max().item<double>() / scale;
}

}  // namespace

TEST_CASE("A CUDA device gives the loss and the gradients that the CPU gives", "[models][cuda]") {
  if (!cuda_at_hand()) return;
  for (const auto& config : all_small_configs()) {
    INFO(to_json(config).dump());
    Twins twins(config);
    const auto batch = in_double(random_batch(config, 3));
    const LossOptions options{.beta = 0.5, .sampling_probability = 0.5};
    const auto expected = compute_loss(*twins.here, batch, options, seeded(4));
    const auto actual = compute_loss(*twins.there, batch.to(torch::kCUDA), options, seeded(4));
    CHECK(relative_error(actual.total, expected.total) < 1e-9);
    CHECK(actual.correct_rows.item<int>() == expected.correct_rows.item<int>());
    CHECK(actual.rows.item<int>() == expected.rows.item<int>());
    expected.total.backward();
    actual.total.backward();
    for (std::size_t i = 0; i < twins.here->parameters().size(); ++i) {
      const auto gradient = twins.here->parameters()[i].grad();
      REQUIRE(gradient.defined() == twins.there->parameters()[i].grad().defined());
      if (!gradient.defined()) continue;
      CHECK(relative_error(twins.there->parameters()[i].grad(), gradient) < 1e-8);
    }
  }
}

TEST_CASE("A CUDA device samples the rows that the CPU samples", "[models][cuda]") {
  if (!cuda_at_hand()) return;
  for (const auto& config : all_small_configs()) {
    INFO(to_json(config).dump());
    Twins twins(config);
    const auto batch = in_double(random_batch(config, 3));
    const auto z_BZ = torch::randn({2, config.latent}, seeded(5), torch::kDouble);
    FixedLengths constraint(batch.lengths_BU);
    FixedLengths constraint_there(batch.lengths_BU);
    const auto present_BU = batch.lengths_BU > 0;
    const auto expected =
        twins.here->generate(z_BZ, batch.controls_BUC, present_BU, {}, constraint, seeded(6));
    const auto actual =
        twins.there->generate(z_BZ.to(torch::kCUDA), batch.controls_BUC.to(torch::kCUDA),
                              present_BU, {}, constraint_there, seeded(6));
    CHECK(torch::equal(actual.rows, expected.rows));
    CHECK(torch::equal(actual.lengths_BU, expected.lengths_BU));
  }
}

TEST_CASE("In mixed precision a CUDA device's loss stays near the CPU's", "[models][cuda]") {
  if (!cuda_at_hand()) return;
  const auto config = small_config("hierarchical", RowKind::kTokens);
  const auto here = vivid_model(config, 1);
  const auto there = vivid_model(config, 1);
  there->to(torch::kCUDA);
  const auto batch = random_batch(config, 3);
  const auto expected = compute_loss(*here, batch, {}, seeded(4));
  const MixedPrecision mixed;
  const auto actual = compute_loss(*there, batch.to(torch::kCUDA), {}, seeded(4));
  CHECK(actual.total.scalar_type() == torch::kFloat);
  CHECK(relative_error(actual.total, expected.total) < 0.05);
}
