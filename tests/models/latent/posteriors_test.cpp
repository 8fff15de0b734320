// Tests of the ways to draw z.
#include <cmath>
#include <string>
#include <vector>

#include <torch/autograd.h>
#include <torch/utils.h>

#include "models/latent/kinds.hpp"
#include "tests/catch.hpp"
#include "tests/models/random_batch.hpp"

using namespace musicvae::models;

namespace {

ModelConfig latent_config(int latent) {
  auto config = small_config("flat", RowKind::kTokens);
  config.latent = latent;
  config.flows = 3;
  config.categories = 3;
  return config;
}

std::shared_ptr<PosteriorKind> vivid(std::shared_ptr<PosteriorKind> kind) {
  const torch::NoGradGuard no_grad;
  auto generator = seeded(4);
  for (auto& parameter : kind->parameters()) parameter.normal_(0, 0.5, generator);
  kind->to(torch::kDouble);
  return kind;
}

Posterior random_posterior(std::int64_t passages, std::int64_t latent) {
  return {torch::randn({passages, latent}, seeded(5), torch::kDouble),
          torch::rand({passages, latent}, seeded(6), torch::kDouble) + 0.3};
}

double noise_density(const torch::Tensor& noise_Z) {
  return (-0.5 * noise_Z.square() - 0.5 * std::log(2 * std::acos(-1.0))).sum().item<double>();
}

}  // namespace

TEST_CASE("The density of a flow's draw is that of its noise over the Jacobian's determinant",
          "[models][zoo]") {
  constexpr int kLatent = 5;
  const auto config = latent_config(kLatent);
  for (const auto& kind :
       {vivid(make_gaussian(config, seeded(1))), vivid(make_planar(config, seeded(1))),
        vivid(make_coupling(config, seeded(1)))}) {
    for (int passage = 0; passage < 4; ++passage) {
      const auto all = random_posterior(4, kLatent);
      const Posterior one{all.mu_BZ.narrow(0, passage, 1), all.sigma_BZ.narrow(0, passage, 1)};
      const auto noise = torch::randn({1, kLatent}, seeded(7), torch::kDouble).requires_grad_();
      const auto draw = kind->draw(one, noise, {});
      std::vector<torch::Tensor> rows;
      for (int i = 0; i < kLatent; ++i) {
        rows.push_back(
            torch::autograd::grad({draw.z_BZ[0][i]}, {noise}, {}, /*retain_graph=*/true)[0][0]);
      }
      const auto log_det = torch::linalg_slogdet(torch::stack(rows));
      const double expected = noise_density(noise.detach()) - std::get<1>(log_det).item<double>();
      CHECK(draw.log_q_B[0].item<double>() == Approx(expected).epsilon(1e-9));
    }
  }
}

TEST_CASE("A coupling flow knows the density of any z, and its own draws' in particular",
          "[models][zoo]") {
  const auto kind = vivid(make_coupling(latent_config(5), seeded(1)));
  const auto posterior = random_posterior(6, 5);
  const auto draw = kind->draw(posterior, torch::randn({6, 5}, seeded(2), torch::kDouble), {});
  CHECK(torch::allclose(kind->log_density_B(posterior, draw.z_BZ), draw.log_q_B, 1e-9, 1e-9));
  CHECK_THROWS_AS(
      vivid(make_planar(latent_config(5), seeded(1)))->log_density_B(posterior, draw.z_BZ),
      ModelError);
}

TEST_CASE("A cold Gumbel-softmax is one-hot, and as often each category as it should be",
          "[models][zoo]") {
  constexpr int kDraws = 40'000;
  const auto kind = make_categorical(latent_config(6), {});
  const auto logits_Z = torch::tensor({0.0, 1.0, -1.0, 2.0, 0.5, 0.0});
  const Posterior posterior{logits_Z.expand({kDraws, 6}), torch::ones({kDraws, 6})};
  const auto noise = torch::rand({kDraws, 6}, seeded(1));
  const auto p = torch::softmax(logits_Z.view({2, 3}), 1).flatten();
  for (const double relaxation : {0.0, 0.01}) {
    const auto z = kind->draw(posterior, noise, {.relaxation = relaxation}).z_BZ;
    CHECK(torch::allclose(z.view({kDraws, 2, 3}).sum(-1), torch::ones({kDraws, 2})));
    const auto largest = z.view({kDraws, 2, 3}).amax(-1);
    CHECK((largest > 0.99).to(torch::kFloat).mean().item<double>() > 0.98);
    CHECK(torch::allclose(z.mean(0), p, 0, 0.01));
  }
  const auto warm = kind->draw(posterior, noise, {.relaxation = 1}).z_BZ;
  CHECK((warm.view({kDraws, 2, 3}).amax(-1) < 0.9).to(torch::kFloat).mean().item<double>() > 0.3);
}

TEST_CASE("Straight through, the decoder sees one-hot rows and the encoder a gradient",
          "[models][zoo]") {
  const auto kind = make_categorical(latent_config(6), {});
  const auto logits = torch::randn({4, 6}, seeded(1)).requires_grad_();
  const auto noise = torch::rand({4, 6}, seeded(2));
  const DrawOptions options{.relaxation = 0.7, .straight_through = true};
  const auto z = kind->draw({logits, torch::ones({4, 6})}, noise, options).z_BZ;
  const auto hard = kind->draw({logits, torch::ones({4, 6})}, noise, {}).z_BZ;
  CHECK(torch::allclose(z, hard, 0, 1e-6));
  (z * torch::arange(6)).sum().backward();
  CHECK(logits.grad().abs().max().item<double>() > 0.01);
}

TEST_CASE("The density of drawn categories is the product of their probabilities",
          "[models][zoo]") {
  const auto kind = make_categorical(latent_config(6), {});
  const Posterior posterior{torch::randn({5, 6}, seeded(1)), torch::ones({5, 6})};
  const auto draw = kind->draw(posterior, torch::rand({5, 6}, seeded(2)), {});
  const auto p = torch::softmax(posterior.mu_BZ.view({5, 2, 3}), -1).flatten(1);
  const auto expected = (p * draw.z_BZ).view({5, 2, 3}).sum(-1).prod(-1).log();
  CHECK(torch::allclose(draw.log_q_B, expected, 1e-5, 1e-6));
  CHECK(torch::allclose(kind->log_density_B(posterior, draw.z_BZ), expected, 1e-5, 1e-6));
}
