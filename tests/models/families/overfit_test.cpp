// Tests of the parts together: encoder, posterior, decoder, loss and generation.
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <torch/nn/utils.h>
#include <torch/optim/adam.h>
#include <torch/utils.h>

#include "models/objective/loss.hpp"
#include "models/objective/metrics.hpp"
#include "tests/catch.hpp"
#include "tests/models/random_batch.hpp"

using namespace musicvae::models;

namespace {

/// Eight passages of two ragged bars.
Batch eight_passages(const ModelConfig& config) {
  auto generator = seeded(1);
  const auto lengths_BU = torch::randint(2, 7, {8, 2}, generator, torch::kLong);
  lengths_BU[0].fill_(6);
  return {random_rows(config, {8, 2, 6}, generator), lengths_BU,
          torch::randn({8, 2, config.control_width}, generator)};
}

RowAccuracy greedy_reconstruction(Model& model, const Batch& batch) {
  const torch::NoGradGuard no_grad;
  FixedLengths constraint(batch.lengths_BU);
  const auto generated =
      model.generate(model.centre_BZ(batch), batch.controls_BUC, batch.lengths_BU > 0,
                     {.temperature = 0}, constraint, seeded(1));
  return reconstruction_accuracy(model.config().row_kind, batch, generated);
}

/// Losses of 200 steps of Adam.
std::vector<double> loss_curve(Model& model, const Batch& batch) {
  torch::optim::Adam optimizer(model.parameters(), torch::optim::AdamOptions(0.005));
  std::vector<double> losses;
  for (int step = 0; step < 200; ++step) {
    optimizer.zero_grad();
    const auto loss = compute_loss(model, batch, {.beta = 0.2, .free_bits = 2},
                                   seeded(static_cast<std::uint64_t>(step)));
    loss.total.backward();
    optimizer.step();
    losses.push_back(loss.total.item<double>());
  }
  return losses;
}

/// Trains by Adam until all rows come back, for 600 steps at most. Gives the last accuracy.
RowAccuracy overfit(Model& model, const Batch& batch, LossOptions options = {.beta = 0.01}) {
  torch::optim::Adam optimizer(model.parameters(), torch::optim::AdamOptions(0.02));
  auto generator = seeded(2);
  RowAccuracy accuracy;
  for (int step = 1; step <= 600 && accuracy.share() < 1; ++step) {
    optimizer.zero_grad();
    compute_loss(model, batch, options, generator).total.backward();
    torch::nn::utils::clip_grad_norm_(model.parameters(), 5.0);
    optimizer.step();
    if (step % 20 == 0) accuracy = greedy_reconstruction(model, batch);
  }
  return accuracy;
}

ModelConfig overfit_config(const std::string& family, RowKind kind) {
  auto config = small_config(family, kind);
  config.bars = 2;
  config.latent = 16;
  config.encoder = {1, 24};
  config.conductor = {1, 24};
  config.decoder = {1, 32};
  if (needs_slots(config)) config.rows_per_bar = 6;
  return config;
}

/// `mlp` with another posterior, prior or objective.
ModelConfig mlp_with(RowKind kind, const std::string& posterior, const std::string& prior,
                     const std::string& objective) {
  auto config = overfit_config("mlp", kind);
  config.posterior = posterior;
  config.prior = prior;
  config.objective = objective;
  config.categories = 4;
  config.components = 3;
  config.rows_per_bar = 6;
  return config;
}

}  // namespace

TEST_CASE("A model with enough capacity learns eight passages by heart", "[models][overfit]") {
  auto configs = std::vector{overfit_config("hierarchical", RowKind::kTokens),
                             overfit_config("flat", RowKind::kTokens),
                             overfit_config("pianotree", RowKind::kTokens),
                             overfit_config("hierarchical", RowKind::kBits)};
  configs[0].encoder_kind = EncoderKind::kHierarchical;
  for (const auto& config : configs) {
    INFO(to_json(config).dump());
    const auto model = make_model(config, seeded(3));
    CHECK(overfit(*model, eight_passages(config)).share() == 1);
  }
}

TEST_CASE("Every posterior, prior and objective lets a model learn eight passages by heart",
          "[models][overfit][zoo]") {
  std::vector<ModelConfig> configs;
  for (const auto kind : {RowKind::kTokens, RowKind::kBits}) {
    configs.push_back(mlp_with(kind, "gaussian", "auto", "elbo"));
    for (const auto* posterior : {"planar", "coupling", "categorical"}) {
      configs.push_back(mlp_with(kind, posterior, "auto", "elbo"));
    }
    configs.push_back(mlp_with(kind, "gaussian", "mixture", "elbo"));
    for (const auto* objective : {"iwae", "mmd", "ae", "sparse", "denoising"}) {
      configs.push_back(mlp_with(kind, "gaussian", "auto", objective));
    }
  }
  configs.push_back(mlp_with(RowKind::kBits, "gaussian", "vamp", "elbo"));
  configs.push_back(mlp_with(RowKind::kBits, "coupling", "vamp", "iwae"));
  configs.push_back(mlp_with(RowKind::kBits, "gaussian", "auto", "contractive"));
  for (const auto& config : configs) {
    INFO(to_json(config).dump());
    const auto model = make_model(config, seeded(3));
    const LossOptions options{.beta = 0.01,
                              .draw = {.relaxation = 0.5},
                              .importance_samples = 3,
                              .mmd_weight = 0.1,
                              .sparsity_weight = 1e-3,
                              .contraction_weight = 1e-4,
                              .corruption = 0.02};
    CHECK(overfit(*model, eight_passages(config), options).share() == 1);
  }
}

TEST_CASE("The axes of eight passages bring all of them back", "[models][overfit][zoo]") {
  for (const auto kind : {RowKind::kTokens, RowKind::kBits}) {
    const auto config = overfit_config("pca", kind);
    const auto model = make_model(config, seeded(3));
    const auto batch = eight_passages(config);
    bool given = false;
    model->fit([&] { return std::exchange(given, true) ? std::nullopt : std::optional(batch); });
    CHECK(greedy_reconstruction(*model, batch).share() == 1);
  }
}

TEST_CASE("Two hundred steps in single precision go the way of the reference in double",
          "[models][overfit]") {
  for (const std::string family : {"hierarchical", "flat"}) {
    const auto config = overfit_config(family, RowKind::kTokens);
    const auto batch = eight_passages(config);
    const auto fused = make_model(config, seeded(3));
    const auto reference = make_model(config, seeded(3));
    reference->to(torch::kDouble);
    const auto curve = loss_curve(*fused, batch);
    const auto expected = loss_curve(*reference, in_double(batch));
    CHECK(expected.back() < expected.front() / 2);
    for (std::size_t step = 0; step < curve.size(); ++step) {
      INFO(family << ", step " << step);
      CHECK(curve[step] == Approx(expected[step]).epsilon(0.01));
    }
  }
}
