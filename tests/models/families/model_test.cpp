// Tests of what every family promises as a Model.
#include "models/model.hpp"

#include <torch/utils.h>

#include "models/objective/elbo.hpp"
#include "models/objective/loss.hpp"
#include "models/registries.hpp"
#include "tests/catch.hpp"
#include "tests/models/naive_lstm.hpp"
#include "tests/models/random_batch.hpp"

using namespace musicvae::models;

namespace {

std::string describe(const ModelConfig& config) { return to_json(config).dump(); }

/// Whether naive_lstm.hpp has the family.
bool has_naive_twin(const ModelConfig& config) {
  return config.family == "flat" || config.family == "hierarchical";
}

/// The small configurations of families that take steps.
std::vector<ModelConfig> stepping_configs() {
  auto configs = all_small_configs();
  std::erase_if(configs, [](const auto& config) { return family_traits(config.family).fitted; });
  return configs;
}

/// Loss and the gradients of all parameters at one draw of z.
std::vector<torch::Tensor> loss_and_gradients(Model& model, const Batch& batch) {
  model.zero_grad();
  const auto loss = compute_loss(model, batch, {.learn = Learn::kBars, .beta = 0.5}, seeded(3));
  loss.total.backward();
  std::vector<torch::Tensor> all{loss.reconstruction_B.detach(), loss.kl_B.detach()};
  for (const auto& parameter : model.parameters()) {
    const auto& gradient = parameter.grad();
    all.push_back(gradient.defined() ? gradient.clone() : torch::zeros_like(parameter));
  }
  return all;
}

void check_close(const std::vector<torch::Tensor>& a, const std::vector<torch::Tensor>& b) {
  REQUIRE(a.size() == b.size());
  for (std::size_t i = 0; i < a.size(); ++i) CHECK(torch::allclose(a[i], b[i], 1e-9, 1e-11));
}

torch::Tensor loss_with(Model& model, const Batch& batch, Learn learn) {
  const LossOptions options{.learn = learn, .beta = 0.5, .free_bits = 0.1};
  return compute_loss(model, batch, options, seeded(3)).total;
}

/// The change of the loss along `direction` of one parameter, by central differences.
double slope(Model& model, const Batch& batch, Learn learn, torch::Tensor parameter,
             const torch::Tensor& direction) {
  const torch::NoGradGuard no_grad;
  constexpr double kStep = 1e-6;
  parameter.add_(kStep * direction);
  const double above = loss_with(model, batch, learn).item<double>();
  parameter.sub_(2 * kStep * direction);
  const double below = loss_with(model, batch, learn).item<double>();
  parameter.add_(kStep * direction);
  return (above - below) / (2 * kStep);
}

void check_gradients(Model& model, const Batch& batch, Learn learn) {
  model.zero_grad();
  loss_with(model, batch, learn).backward();
  for (const auto& parameter : model.named_parameters()) {
    INFO(parameter.key());
    // The prior is told of the latents without pulling at them.
    if (learn == Learn::kPrior && parameter.key().rfind("prior.", 0) != 0) continue;
    const auto direction = torch::randn(parameter->sizes(), seeded(4), torch::kDouble);
    const double expected = slope(model, batch, learn, parameter.value(), direction);
    const auto& gradient = parameter->grad();
    const double found = gradient.defined() ? (gradient * direction).sum().item<double>() : 0;
    CHECK(found == Approx(expected).epsilon(1e-5).margin(1e-7));
  }
}

}  // namespace

TEST_CASE("Encoding and decoding agree with a step-by-step network in double",
          "[models][families]") {
  auto configs = all_small_configs();
  configs.push_back(small_config("hierarchical", RowKind::kTokens));
  configs.back().control_width = 0;
  for (const auto& config : configs) {
    if (!has_naive_twin(config)) continue;
    INFO(describe(config));
    auto model = vivid_model(config, 1);
    model->to(torch::kDouble);
    const auto batch = in_double(random_batch(config, 2));
    const auto z_BZ = random_z(config, torch::kDouble);
    const auto posterior = model->encode(batch);
    const auto logits = padded(model->decode(z_BZ, batch), batch);
    const Parameters parameters(*model);
    for (int song = 0; song < 2; ++song) {
      const auto expected = naive_encode(config, parameters, batch, song);
      CHECK(torch::allclose(posterior.mu_BZ[song], expected.mu_BZ, 1e-9, 1e-10));
      CHECK(torch::allclose(posterior.sigma_BZ[song], expected.sigma_BZ, 1e-9, 1e-10));
      const auto real_rows = logits[song].index({batch.mask_BUR()[song]});
      const auto expected_rows = naive_decode(config, parameters, z_BZ[song], batch, song);
      CHECK(torch::allclose(real_rows, expected_rows, 1e-9, 1e-10));
    }
  }
}

TEST_CASE("Gradients of all parameters agree with finite differences", "[models][families]") {
  for (const auto& config : stepping_configs()) {
    INFO(describe(config));
    auto model = vivid_model(config, 1);
    model->to(torch::kDouble);
    const auto batch = in_double(random_batch(config, 2));
    check_gradients(*model, batch, Learn::kBars);
    if (model->has_bar_latents()) check_gradients(*model, batch, Learn::kPrior);
  }
}

TEST_CASE("What lies in padding and absent bars changes neither loss nor gradient",
          "[models][families]") {
  for (const auto& config : stepping_configs()) {
    INFO(describe(config));
    auto model = vivid_model(config, 1);
    model->to(torch::kDouble);
    const auto batch = in_double(random_batch(config, 2));
    const auto expected = loss_and_gradients(*model, batch);

    auto other = batch;
    auto mask = batch.mask_BUR();
    if (config.row_kind == RowKind::kBits) mask = mask.unsqueeze(-1);
    other.rows = torch::where(mask, batch.rows, in_double(random_batch(config, 5)).rows);
    other.controls_BUC = torch::where((batch.lengths_BU > 0).unsqueeze(-1), batch.controls_BUC,
                                      7 * torch::ones_like(batch.controls_BUC));
    check_close(loss_and_gradients(*model, other), expected);

    if (model->has_bar_latents()) continue;  // Each bar has noise of its own, absent ones as well.
    const Batch longer{torch::cat({batch.rows, batch.rows}, 1).repeat_interleave(2, 2),
                       torch::cat({batch.lengths_BU, torch::zeros_like(batch.lengths_BU)}, 1),
                       torch::cat({batch.controls_BUC, batch.controls_BUC}, 1)};
    longer.rows.narrow(1, 0, 3).narrow(2, 0, 4).copy_(batch.rows);
    check_close(loss_and_gradients(*model, longer), expected);
  }
}

TEST_CASE("A passage's loss does not depend on the passages beside it", "[models][families]") {
  for (const auto& config : all_small_configs()) {
    INFO(describe(config));
    auto model = vivid_model(config, 1);
    const auto batch = random_batch(config, 2);
    const Batch alone{batch.rows.narrow(0, 1, 1), batch.lengths_BU.narrow(0, 1, 1),
                      batch.controls_BUC.narrow(0, 1, 1)};
    const auto z_BZ = random_z(config);
    const auto both = row_loss_BUR(config, model->decode(z_BZ, batch), batch);
    const auto one = row_loss_BUR(config, model->decode(z_BZ.narrow(0, 1, 1), alone), alone);
    CHECK(torch::allclose(both[1], one[0], 1e-4, 1e-5));
  }
}

TEST_CASE("Without its carried row a bar depends on z and its own rows alone",
          "[models][families]") {
  auto config = small_config("hierarchical", RowKind::kTokens);
  for (const bool carry : {false, true}) {
    config.carry_row = carry;
    auto model = vivid_model(config, 1);
    const auto batch = random_batch(config, 2);
    auto changed = batch;
    changed.rows = batch.rows.clone();
    changed.rows[0][0][3] = (batch.rows[0][0][3] + 1) % config.row_width;  // bar 0 has 4 rows
    const auto z_BZ = random_z(config);
    const auto before = padded(model->decode(z_BZ, batch), batch)[0];
    const auto after = padded(model->decode(z_BZ, changed), changed)[0];
    CHECK(torch::equal(after[0], before[0]));
    CHECK(torch::equal(after[1][0], before[1][0]) == !carry);
    CHECK(torch::equal(after[2], before[2]));
  }
}

TEST_CASE("A seed fixes a new model, and the global generator is left alone",
          "[models][families]") {
  for (const auto& config : all_small_configs()) {
    torch::manual_seed(1);
    const auto first = make_model(config, seeded(1))->parameters();
    const auto drawn = torch::rand({4});
    torch::manual_seed(1);
    CHECK(torch::equal(torch::rand({4}), drawn));
    const auto again = make_model(config, seeded(1))->parameters();
    const auto other = make_model(config, seeded(2))->parameters();
    bool differs = false;
    for (std::size_t i = 0; i < first.size(); ++i) {
      CHECK(torch::equal(first[i], again[i]));
      differs = differs || !torch::equal(first[i], other[i]);
    }
    CHECK(differs);
  }
}

TEST_CASE("An unknown family is refused with the names of those there are", "[models][families]") {
  ModelConfig config;
  config.family = "cubist";
  try {
    make_model(config, seeded(1));
    FAIL("made a model of no family");
  } catch (const ModelError& error) {
    const std::string message = error.what();
    CHECK(message.find("cubist") != std::string::npos);
    for (const auto& name : family_names()) CHECK(message.find(name) != std::string::npos);
  }
}
