// Tests of the family whose bars have latents of their own, and of their prior.
#include "models/families/conductor.hpp"

#include <cmath>
#include <map>
#include <string>

#include <torch/optim/adam.h>
#include <torch/utils.h>

#include "models/families/bar_prior.hpp"
#include "models/layers/coupling_flow.hpp"
#include "models/objective/elbo.hpp"
#include "tests/catch.hpp"
#include "tests/models/random_batch.hpp"

using namespace musicvae::models;

namespace {

constexpr std::int64_t kSongs = 2, kBars = 7;

ModelConfig config_of(RowKind kind = RowKind::kBits) {
  auto config = small_config("conductor", kind);
  config.latent = 6;
  config.conductor = {2, 8};
  config.couplings = 3;
  return config;
}

/// A prior all of whose weights matter.
BarPrior vivid_prior(const ModelConfig& config, double spread = 0.3) {
  BarPrior prior(config, seeded(1));
  const torch::NoGradGuard no_grad;
  auto generator = seeded(2);
  for (auto& parameter : prior->parameters()) parameter.normal_(0, spread, generator);
  prior->to(torch::kDouble);
  prior->set_scale(torch::randn({config.latent}, seeded(3), torch::kDouble),
                   torch::rand({config.latent}, seeded(4), torch::kDouble) + 0.5);
  return prior;
}

/// Latents drawn bar after bar.
torch::Tensor drawn_latents(BarPrior& prior, const torch::Tensor& controls_BUC, int seed) {
  auto generator = seeded(seed);
  auto z_BUZ = torch::zeros({controls_BUC.size(0), 0, config_of().latent}, controls_BUC.options());
  for (std::int64_t bar = 0; bar < controls_BUC.size(1); ++bar) {
    z_BUZ = torch::cat(
        {z_BUZ, prior->draw_next(z_BUZ, controls_BUC.narrow(1, 0, bar + 1), 1, 1.0, generator)}, 1);
  }
  return z_BUZ;
}

torch::Tensor random_latents(const ModelConfig& config, int seed = 5) {
  return torch::randn({kSongs, kBars, config.latent}, seeded(seed), torch::kDouble);
}

torch::Tensor random_controls(const ModelConfig& config) {
  return torch::randn({kSongs, kBars, config.control_width}, seeded(6), torch::kDouble);
}

}  // namespace

TEST_CASE("A bar's density depends on no later bar, and on its own latent", "[models][conductor]") {
  const auto config = config_of();
  auto prior = vivid_prior(config);
  const auto controls = random_controls(config);
  const auto z_BUZ = random_latents(config);
  const auto before = prior->log_density_BU(z_BUZ, controls);
  for (std::int64_t bar = 0; bar < kBars; ++bar) {
    auto changed = z_BUZ.clone();
    changed.narrow(1, bar, kBars - bar).add_(torch::randn({kBars - bar, config.latent}, seeded(7)));
    const auto after = prior->log_density_BU(changed, controls);
    CHECK(torch::equal(after.narrow(1, 0, bar), before.narrow(1, 0, bar)));
    CHECK_FALSE(torch::allclose(after.select(1, bar), before.select(1, bar)));
  }
}

TEST_CASE("A bar's density depends on bars before it, and on its meter", "[models][conductor]") {
  const auto config = config_of();
  auto prior = vivid_prior(config);
  const auto controls = random_controls(config);
  const auto z_BUZ = random_latents(config);
  const auto before = prior->log_density_BU(z_BUZ, controls);
  auto other_z = z_BUZ.clone();
  other_z.select(1, 2).add_(1);
  CHECK_FALSE(
      torch::allclose(prior->log_density_BU(other_z, controls).select(1, 3), before.select(1, 3)));
  auto other_meter = controls.clone();
  other_meter.select(1, 3).add_(1);
  const auto after = prior->log_density_BU(z_BUZ, other_meter);
  CHECK_FALSE(torch::allclose(after.select(1, 3), before.select(1, 3)));
  CHECK(torch::equal(after.narrow(1, 0, 3), before.narrow(1, 0, 3)));
}

TEST_CASE("The density of one bar integrates to one", "[models][conductor]") {
  auto config = config_of();
  config.latent = 2;
  auto prior = vivid_prior(config, 0.1);
  // The third bar over a grid, the two before it fixed.
  const auto line = torch::linspace(-20, 20, 401, torch::kDouble);
  const auto points = torch::stack(torch::meshgrid({line, line}, "ij"), -1).flatten(0, 1);
  const auto before = torch::randn({1, 2, 2}, seeded(5), torch::kDouble);
  const auto z_BUZ = torch::cat({before.expand({points.size(0), -1, -1}), points.unsqueeze(1)}, 1);
  const auto controls = torch::randn({1, 3, config.control_width}, seeded(6), torch::kDouble);
  const torch::NoGradGuard no_grad;
  const auto density =
      prior->log_density_BU(z_BUZ, controls.expand({points.size(0), -1, -1})).select(1, 2).exp();
  CHECK(density.sum().item<double>() * 0.1 * 0.1 == Approx(1).epsilon(0.02));
}

TEST_CASE("A flow's log determinant is that of autograd's Jacobian", "[models][conductor]") {
  for (const int couplings : {0, 1, 4}) {
    CouplingFlow flow(FlowSize{6, 3, couplings}, seeded(1));
    {
      const torch::NoGradGuard no_grad;
      auto generator = seeded(2);
      for (auto& parameter : flow->parameters()) parameter.normal_(0, 0.3, generator);
    }
    flow->to(torch::kDouble);
    const auto x = torch::randn({1, 6}, seeded(3), torch::kDouble).requires_grad_();
    const auto condition = torch::randn({1, 3}, seeded(4), torch::kDouble);
    const auto found = flow->to_normal(x, condition);
    std::vector<torch::Tensor> rows;
    for (int i = 0; i < 6; ++i) {
      rows.push_back(torch::autograd::grad({found.normal_ND[0][i]}, {x}, {}, true)[0][0]);
    }
    const auto expected = std::get<1>(torch::linalg_slogdet(torch::stack(rows)));
    CHECK(found.log_scaling_N.item<double>() == Approx(expected.item<double>()));
    CHECK(torch::allclose(flow->from_normal(found.normal_ND, condition), x));
  }
}

TEST_CASE("Latents go to coordinates and back", "[models][conductor]") {
  const auto config = config_of();
  auto prior = vivid_prior(config);
  const torch::NoGradGuard no_grad;
  const auto controls = random_controls(config);
  auto z_BUZ = random_latents(config);
  z_BUZ.select(1, 5).copy_(z_BUZ.select(1, 1));
  const auto coordinates = prior->to_coordinates(z_BUZ, controls);
  CHECK(torch::allclose(prior->from_coordinates(coordinates, controls), z_BUZ, 0, 1e-9));
  prior->to(torch::kFloat);
  const auto z_float = z_BUZ.to(torch::kFloat), controls_float = controls.to(torch::kFloat);
  const auto back =
      prior->from_coordinates(prior->to_coordinates(z_float, controls_float), controls_float);
  CHECK((back - z_float).abs().max().item<double>() < 1e-4);
}

TEST_CASE("Coordinates of drawn latents are N(0, I)", "[models][conductor]") {
  const auto config = config_of();
  auto prior = vivid_prior(config);
  const torch::NoGradGuard no_grad;
  const auto controls = random_controls(config).narrow(0, 0, 1).expand({2000, -1, -1});
  const auto z_BUZ = drawn_latents(prior, controls, 8);
  const auto found = prior->to_coordinates(z_BUZ, controls);
  const auto is_new = found.source_BU == BarPriorImpl::kNew;
  CHECK(is_new.select(1, 0).all().item<bool>());
  CHECK(is_new.logical_not().any().item<bool>());
  const auto normal_NZ = found.normal_BUZ.flatten(0, 1);
  CHECK(normal_NZ.mean(0).abs().max().item<double>() < 0.1);
  CHECK((normal_NZ.var(0) - 1).abs().max().item<double>() < 0.15);
}

TEST_CASE("A drawn passage may go on from given bars", "[models][conductor]") {
  for (const auto kind : {RowKind::kTokens, RowKind::kBits}) {
    const auto config = config_of(kind);
    auto model = vivid_model(config, 1);
    const Batch layout{random_rows(config, {kSongs, kBars, 4}, seeded(2)),
                       torch::full({kSongs, kBars}, 4, torch::kLong),
                       torch::randn({kSongs, kBars, config.control_width}, seeded(3))};
    const auto given = torch::randn({kSongs, 3, config.latent}, seeded(4));
    const auto drawn = model->draw_z(layout, 1.0, seeded(8), given);
    CHECK(torch::equal(drawn.narrow(1, 0, 3), given));
    CHECK(torch::equal(model->draw_z(layout, 1.0, seeded(8), given), drawn));
    CHECK_FALSE(torch::allclose(model->draw_z(layout, 1.0, seeded(9), given), drawn));
    const auto other = model->draw_z(layout, 1.0, seeded(8), given + 1);
    CHECK_FALSE(torch::allclose(other.narrow(1, 3, 4), drawn.narrow(1, 3, 4)));
  }
}

TEST_CASE("A long passage's bars do not depend on bars out of reach", "[models][conductor]") {
  const auto config = config_of();
  auto prior = vivid_prior(config);
  const torch::NoGradGuard no_grad;
  constexpr std::int64_t kLong = 40;
  const auto controls = torch::randn({1, kLong, config.control_width}, seeded(6), torch::kDouble);
  const auto z_BUZ = drawn_latents(prior, controls, 8);
  CHECK(torch::isfinite(z_BUZ).all().item<bool>());
  // from_coordinates() reads no more bars than it must, to_coordinates() all of them.
  const auto back = prior->from_coordinates(prior->to_coordinates(z_BUZ, controls), controls);
  CHECK(torch::allclose(back, z_BUZ, 0, 1e-8));
}

TEST_CASE("One bar is a passage, and so are more bars than were trained on",
          "[models][conductor]") {
  for (const auto kind : {RowKind::kTokens, RowKind::kBits}) {
    const auto config = config_of(kind);
    auto model = vivid_model(config, 1);
    for (const std::int64_t bars : {1, 9}) {
      const auto lengths = torch::full({1, bars}, 4, torch::kLong);
      const Batch batch{random_rows(config, {1, bars, 4}, seeded(2)), lengths,
                        torch::randn({1, bars, config.control_width}, seeded(3))};
      const auto mu = model->encode(batch).mu_BZ;
      CHECK(mu.sizes() == torch::IntArrayRef{1, bars, config.latent});
      FixedLengths constraint(lengths);
      const auto made =
          model->generate(mu, batch.controls_BUC, lengths > 0, {}, constraint, seeded(4));
      CHECK(torch::equal(made.lengths_BU, lengths));
      const auto drawn = model->draw_z(batch, 1.0, seeded(5));
      CHECK(drawn.sizes() == mu.sizes());
    }
  }
}

TEST_CASE("Training the prior moves the prior alone, and training bars the bars alone",
          "[models][conductor]") {
  for (const auto learn : {Learn::kBars, Learn::kPrior, Learn::kBoth}) {
    const auto config = config_of();
    auto model = vivid_model(config, 1);
    const auto batch = random_batch(config, 2);
    compute_loss(*model, batch, {.learn = learn, .beta = 0.5}, seeded(3)).total.backward();
    for (const auto& parameter : model->named_parameters()) {
      INFO(parameter.key());
      const bool of_prior = parameter.key().rfind("prior.", 0) == 0;
      const auto& gradient = parameter.value().grad();
      const bool moved = gradient.defined() && gradient.abs().sum().item<double>() > 0;
      if (parameter.key().find("rounds.") != std::string::npos) continue;  // No bar is so long.
      if (learn == Learn::kPrior && !of_prior) CHECK_FALSE(moved);
      if (learn == Learn::kBars && of_prior) CHECK_FALSE(moved);
      if (learn != Learn::kPrior && !of_prior) CHECK(moved);
      if (learn != Learn::kBars && parameter.key() == "prior.input.weight") CHECK(moved);
    }
  }
}

TEST_CASE("The prior pulls at latents with the weight beta and is fitted with full weight",
          "[models][conductor]") {
  const auto config = config_of();
  auto model = vivid_model(config, 1);
  const auto batch = random_batch(config, 2);
  const auto gradient_of = [&](const LossOptions& options, const std::string& name) {
    model->zero_grad();
    compute_loss(*model, batch, options, seeded(3)).total.backward();
    return model->named_parameters()[name].grad().clone();
  };
  const std::string kPriors = "prior.input.weight", kBarsOwn = "encoder.mu.weight";
  const auto with = [](double beta) { return LossOptions{.learn = Learn::kBoth, .beta = beta}; };
  CHECK(
      torch::allclose(gradient_of(with(0.1), kPriors), gradient_of(with(1), kPriors), 1e-4, 1e-6));
  const auto rows_alone = gradient_of(with(0), kBarsOwn);
  const auto pull_1 = gradient_of(with(1), kBarsOwn) - rows_alone;
  const auto pull_2 = gradient_of(with(2), kBarsOwn) - rows_alone;
  CHECK(pull_1.abs().max().item<double>() > 1e-4);
  CHECK(torch::allclose(pull_2, 2 * pull_1, 1e-3, 1e-5));
}

TEST_CASE("A prior learns that a song repeats its bars", "[models][conductor]") {
  auto config = config_of();
  config.bars = 8;
  BarPrior prior(config, seeded(1));
  torch::optim::Adam optimizer(prior->parameters(), torch::optim::AdamOptions(0.01));
  const auto songs = [&](int seed) {  // Bars 4 to 7 repeat bars 0 to 3.
    const auto half = torch::randn({16, 4, config.latent}, seeded(seed));
    const auto noise = 0.05 * torch::randn({16, 8, config.latent}, seeded(seed + 1000));
    return torch::cat({half, half}, 1) + noise;
  };
  const auto controls = torch::zeros({16, 8, config.control_width});
  for (int step = 0; step < 150; ++step) {
    optimizer.zero_grad();
    (-prior->log_density_BU(songs(step), controls).mean()).backward();
    optimizer.step();
  }
  const auto found = prior->log_density_BU(songs(5000), controls).mean(0);
  const double fresh = found.narrow(0, 0, 4).mean().item<double>();
  const double repeated = found.narrow(0, 4, 4).mean().item<double>();
  CHECK(repeated > fresh + 3);
}

TEST_CASE("A conductor takes over another's bars, and its prior where that has the same size",
          "[models][conductor]") {
  const auto config = config_of();
  auto other = config;
  other.conductor.layers = 1;
  std::map<std::string, torch::Tensor> weights;
  for (const auto& item : make_model(config, seeded(1))->named_parameters()) {
    weights[item.key()] = item.value();
  }
  CHECK(weights_in_common(config, weights, config).size() == weights.size());
  const auto bars = weights_in_common(config, weights, other);
  CHECK(bars.count("encoder.mu.weight") == 1);
  CHECK(bars.count("prior.input.weight") == 0);
  other.latent = 8;
  CHECK(weights_in_common(config, weights, other).empty());
  other = config;
  other.family = "flat";
  CHECK(weights_in_common(config, weights, other).empty());
}

TEST_CASE("Bars with more rows than places differ in every row", "[models][conductor]") {
  for (const auto kind : {RowKind::kTokens, RowKind::kBits}) {
    const auto config = config_of(kind);
    auto model = vivid_model(config, 1);
    constexpr std::int64_t kRows = 3 * 24;
    const auto lengths = torch::full({1, 1}, kRows, torch::kLong);
    const Batch batch{random_rows(config, {1, 1, kRows}, seeded(2)), lengths,
                      torch::randn({1, 1, config.control_width}, seeded(3))};
    const torch::NoGradGuard no_grad;
    const auto mu = model->encode(batch).mu_BZ;
    for (const std::int64_t row : {0, 24, 48, 71}) {
      auto changed = batch;
      changed.rows = batch.rows.clone();
      auto value = changed.rows[0][0][row];
      value.copy_(kind == RowKind::kBits ? 1 - value : (value + 1) % config.row_width);
      CHECK_FALSE(torch::allclose(model->encode(changed).mu_BZ, mu));
    }
    const auto logits_PW = model->decode(mu, batch);
    CHECK_FALSE(torch::allclose(logits_PW[0], logits_PW[24]));
    CHECK_FALSE(torch::allclose(logits_PW[24], logits_PW[48]));
  }
}

TEST_CASE("A conductor refuses sizes that do not divide", "[models][conductor]") {
  auto config = config_of();
  config.latent = 7;
  CHECK_THROWS_AS(make_model(config, seeded(1)), ModelError);
  config = config_of();
  config.conductor.hidden = 9;
  CHECK_THROWS_AS(make_model(config, seeded(1)), ModelError);
}
