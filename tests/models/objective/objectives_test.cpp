#include "models/objective/objectives.hpp"

#include <cmath>
#include <vector>

#include <torch/utils.h>

#include "models/objective/elbo.hpp"
#include "models/objective/information.hpp"
#include "tests/catch.hpp"
#include "tests/models/random_batch.hpp"

using namespace musicvae::models;

namespace {

ModelConfig config_with(const std::string& objective, RowKind kind = RowKind::kBits) {
  auto config = small_config("mlp", kind);
  config.latent = 4;
  config.objective = objective;
  return config;
}

double mean_bound(Model& model, const Batch& batch, int samples, std::uint64_t seed) {
  const torch::NoGradGuard no_grad;
  return importance_bound_B(model, batch, samples, seeded(seed)).mean().item<double>();
}

/// Draws of a gradient.
constexpr int kSeeds = 300;

/// The gradient of mu's weights, as a mean over seeds, and its mean squared distance from that.
std::pair<torch::Tensor, double> encoder_gradient(Model& model, const Batch& batch, bool twice) {
  const auto weight = model.named_parameters()["mu.weight"];
  std::vector<torch::Tensor> gradients;
  for (int seed = 0; seed < kSeeds; ++seed) {
    model.zero_grad();
    const LossOptions options{.importance_samples = 4, .doubly_reparameterised = twice};
    compute_loss(model, batch, options, seeded(static_cast<std::uint64_t>(seed))).total.backward();
    gradients.push_back(weight.grad().clone());
  }
  const auto all = torch::stack(gradients);
  return {all.mean(0), (all - all.mean(0)).square().sum({1, 2}).mean().item<double>()};
}

}  // namespace

TEST_CASE("The IWAE bound with one sample is the ELBO, and it rises with the samples",
          "[models][zoo]") {
  for (const std::string family : {"mlp", "flat", "hierarchical"}) {
    auto config = small_config(family, RowKind::kTokens);
    config.latent = 4;
    const auto model = vivid_model(config, 1);
    const auto batch = random_batch(config, 2);
    double elbo = 0, one = 0, four = 0, many = 0;
    const torch::NoGradGuard no_grad;
    for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
      const auto loss = compute_loss(*model, batch, {.objective = "elbo"}, seeded(seed));
      elbo -= loss.total.item<double>() / kSeeds;
      one += mean_bound(*model, batch, 1, seed) / kSeeds;
      if (seed % 3 != 0) continue;
      four += mean_bound(*model, batch, 4, seed) / (kSeeds / 3);
      many += mean_bound(*model, batch, 32, seed) / (kSeeds / 3);
    }
    CHECK(one == Approx(elbo).epsilon(0.02));
    CHECK(four > one);
    CHECK(many > four);
  }
}

TEST_CASE("With one sample objective iwae is the ELBO whose KL is that of the sample",
          "[models][zoo]") {
  const auto model = vivid_model(config_with("iwae"), 1);
  const auto batch = random_batch(model->config(), 2);
  const torch::NoGradGuard no_grad;
  const auto loss = compute_loss(*model, batch, {.importance_samples = 1}, seeded(3));
  CHECK(loss.total.item<double>() ==
        Approx((loss.reconstruction_B + loss.kl_B).mean().item<double>()));
  CHECK(-mean_bound(*model, batch, 1, 3) == Approx(loss.total.item<double>()));
}

TEST_CASE("The doubly reparameterised gradient has the same mean, and less variance near a fit",
          "[models][zoo]") {
  const auto config = config_with("iwae");
  const auto model = make_model(config, seeded(1));
  {
    // Fresh decoders hardly hear z, so that N(0, I) is nearly the true posterior.
    const torch::NoGradGuard no_grad;
    auto parameters = model->named_parameters();
    for (const auto* name : {"mu.weight", "mu.bias", "sigma.weight"}) parameters[name].zero_();
    parameters["sigma.bias"].fill_(std::log(std::exp(1.0) - 1));
  }
  const auto batch = random_batch(config, 2);
  const auto [once, spread_once] = encoder_gradient(*model, batch, false);
  const auto [twice, spread_twice] = encoder_gradient(*model, batch, true);
  CHECK(spread_twice < spread_once / 2);
  // The means differ by no more than their own uncertainty.
  const double uncertainty = std::sqrt((spread_once + spread_twice) / kSeeds);
  CHECK((once - twice).norm().item<double>() < 3 * uncertainty);
  CHECK(twice.norm().item<double>() > 3 * std::sqrt(spread_twice / kSeeds));
}

TEST_CASE("The discrepancy of a set from itself is 0, and grows with the distance of two",
          "[models][zoo]") {
  const auto a = torch::randn({200, 3}, seeded(1)), b = torch::randn({200, 3}, seeded(2));
  CHECK(mean_discrepancy(a, a).item<double>() == Approx(0).margin(1e-6));
  const double alike = mean_discrepancy(a, b).item<double>();
  const double apart = mean_discrepancy(a, b + 1).item<double>();
  CHECK(alike < 0.02);
  CHECK(apart > 10 * alike);
  CHECK(mean_discrepancy(a, b + 3).item<double>() > apart);
}

TEST_CASE("Autoencoders take the mean: no noise, no KL", "[models][zoo]") {
  for (const auto* objective : {"ae", "sparse", "contractive"}) {
    const auto model = vivid_model(config_with(objective), 1);
    const auto batch = random_batch(model->config(), 2);
    const auto loss = compute_loss(*model, batch, {}, seeded(1));
    CHECK(torch::equal(compute_loss(*model, batch, {}, seeded(2)).total, loss.total));
    CHECK(loss.kl_B.abs().sum().item<double>() == 0);
    CHECK(compute_loss(*model, batch, {.objective = "ae"}, seeded(1)).total.item<double>() ==
          Approx(loss.reconstruction_B.mean().item<double>()));
  }
}

TEST_CASE("Sparse codes are priced by their size, or by the units' activity", "[models][zoo]") {
  const auto model = vivid_model(config_with("sparse"), 1);
  const auto batch = random_batch(model->config(), 2);
  const torch::NoGradGuard no_grad;
  const auto z_BZ = model->centre_BZ(batch);
  const auto price = [&](Sparsity sparsity, double weight) {
    const LossOptions options{
        .sparsity = sparsity, .sparsity_weight = weight, .sparsity_target = 0.2};
    return compute_loss(*model, batch, options, seeded(1)).total.item<double>();
  };
  const double size = z_BZ.abs().sum(1).mean().item<double>();
  CHECK(price(Sparsity::kL1, 3) - price(Sparsity::kL1, 0) == Approx(3 * size).epsilon(1e-3));
  const auto active = torch::sigmoid(z_BZ).mean(0).clamp(1e-4, 1 - 1e-4);
  const double activity =
      (0.2 * (0.2 / active).log() + 0.8 * (0.8 / (1 - active)).log()).sum().item<double>();
  CHECK(price(Sparsity::kKl, 3) - price(Sparsity::kKl, 0) == Approx(3 * activity).epsilon(1e-3));
}

TEST_CASE("The contractive price is the Jacobian's norm", "[models][zoo]") {
  const auto model = vivid_model(config_with("contractive"), 1);
  const auto batch = random_batch(model->config(), 2);
  const auto total = [&](double weight) {
    return compute_loss(*model, batch, {.contraction_weight = weight}, seeded(1)).total;
  };
  const double norm = model->jacobian_norm_B(batch).mean().item<double>();
  CHECK((total(2) - total(0)).item<double>() == Approx(2 * norm).epsilon(1e-3));
}

TEST_CASE("Corruption strikes out its share of rows and moves its share of notes by one",
          "[models][zoo]") {
  auto config = config_with("denoising");
  config.row_width = 20;
  auto rows = torch::zeros({50, 8, 10, 20});
  rows.select(-1, 4).fill_(1);   // Begins.
  rows.select(-1, 15).fill_(1);  // Sounds on.
  Noise noise(std::nullopt, seeded(1));
  const auto seen = corrupted_rows(config, rows, 0.2, noise);
  const auto struck = (seen.sum(-1) == 0).to(torch::kFloat).mean().item<double>();
  CHECK(struck == Approx(0.2).margin(0.02));
  const auto share = [&](int bit) { return seen.select(-1, bit).mean().item<double>(); };
  CHECK(share(4) == Approx(0.64).margin(0.03));
  CHECK(share(3) == Approx(0.08).margin(0.02));
  CHECK(share(5) == Approx(0.08).margin(0.02));
  CHECK(share(14) + share(16) == Approx(0.16).margin(0.03));
  CHECK(seen.sum(-1).max().item<double>() == 2);

  const auto tokens = torch::full({50, 8, 10}, 7, torch::kLong);
  const auto moved = corrupted_rows(config_with("denoising", RowKind::kTokens), tokens, 0.2, noise);
  CHECK((moved == 0).to(torch::kFloat).mean().item<double>() == Approx(0.2).margin(0.02));
}

TEST_CASE("A denoising model is judged by the clean rows", "[models][zoo]") {
  const auto model = vivid_model(config_with("denoising"), 1);
  const auto batch = random_batch(model->config(), 2);
  const torch::NoGradGuard no_grad;
  const auto clean = compute_loss(*model, batch, {.corruption = 0}, seeded(1));
  const auto plain = compute_loss(*model, batch, {.objective = "ae"}, seeded(1));
  CHECK(torch::equal(clean.total, plain.total));
  const auto noisy = compute_loss(*model, batch, {.corruption = 0.5}, seeded(1));
  CHECK_FALSE(torch::equal(noisy.total, plain.total));
  CHECK(torch::equal(noisy.rows, plain.rows));
}

TEST_CASE("What compares a batch's passages is not trained by several processes", "[models][zoo]") {
  const auto model = make_model(config_with("mmd"), seeded(1));
  const auto batch = random_batch(model->config(), 2);
  const LossOptions share{.place = BatchPlace{0, 4, 4}};
  CHECK_THROWS_AS(compute_loss(*model, batch, share, seeded(1)), ModelError);
}

TEST_CASE(
    "The mutual information is none where posteriors are alike and log N where they are far "
    "apart",
    "[models][zoo]") {
  const auto model = make_model(config_with("elbo"), seeded(1));
  const auto noise = torch::randn({64, 4}, seeded(2));
  MutualInformation alike, apart;
  alike.add({torch::zeros({64, 4}), torch::ones({64, 4})}, noise);
  const auto far = 100 * torch::arange(64).unsqueeze(1).expand({64, 4}).to(torch::kFloat);
  apart.add({far.narrow(0, 0, 32), torch::ones({32, 4})}, (far + noise).narrow(0, 0, 32));
  apart.add({far.narrow(0, 32, 32), torch::ones({32, 4})}, (far + noise).narrow(0, 32, 32));
  CHECK(alike.bits(*model) == Approx(0).margin(1e-6));
  CHECK(apart.bits(*model) == Approx(6));
  CHECK(MutualInformation().bits(*model) == 0);
}
