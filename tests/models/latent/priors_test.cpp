// Tests of what z may be distributed as.
#include <cmath>
#include <utility>

#include <torch/optim/adam.h>
#include <torch/utils.h>

#include "models/latent/kinds.hpp"
#include "tests/catch.hpp"
#include "tests/models/random_batch.hpp"

using namespace musicvae::models;

namespace {

ModelConfig prior_config(const std::string& prior, int latent = 2) {
  auto config = small_config("mlp", RowKind::kBits);
  config.prior = prior;
  config.latent = latent;
  config.components = 3;
  config.categories = 2;
  config.rows_per_bar = 4;
  return config;
}

/// Two thousand points of three Gaussians with shares 0.5, 0.3 and 0.2.
torch::Tensor three_clouds() {
  const auto centres = torch::tensor({-2.0F, 0.0F, 2.0F, 1.0F, 0.5F, -2.5F}).view({3, 2});
  const auto which =
      torch::cat({torch::zeros({1000}, torch::kLong), torch::ones({600}, torch::kLong),
                  torch::full({400}, 2, torch::kLong)});
  return centres.index_select(0, which) + 0.3 * torch::randn({2000, 2}, seeded(1));
}

torch::Tensor spread(const torch::Tensor& points) {
  return (points - points.mean(0)).square().mean(0).sqrt();
}

}  // namespace

TEST_CASE("A mixture prior recovers a mixture that it is given", "[models][zoo]") {
  const auto config = prior_config("mixture");
  const auto model = make_model(config, seeded(2));
  auto& prior = model->prior_kind();
  const auto points = three_clouds();
  torch::optim::Adam optimizer(prior.parameters(), torch::optim::AdamOptions(0.02));
  for (int step = 0; step < 800; ++step) {
    optimizer.zero_grad();
    (-prior.log_density_B(points).mean()).backward();
    optimizer.step();
  }
  const torch::NoGradGuard no_grad;
  const auto shares = std::get<0>(prior.component_shares_K().sort());
  CHECK(torch::allclose(shares, torch::tensor({0.2F, 0.3F, 0.5F}), 0, 0.03));
  const auto mean_KZ = prior.named_parameters()["mean"];
  const auto parts = prior.component_log_density_BK(points).argmax(1);
  // Points of one cloud have one component, whose mean is the cloud's.
  for (const auto& [first, count] :
       {std::pair{0, 1000}, std::pair{1000, 600}, std::pair{1600, 400}}) {
    const auto own = parts.narrow(0, first, count);
    const auto component = own[0];
    CHECK((own == component).to(torch::kFloat).mean().item<double>() > 0.98);
    CHECK(torch::allclose(mean_KZ[component.item<std::int64_t>()],
                          points.narrow(0, first, count).mean(0), 0, 0.1));
  }
  const auto drawn = prior.draw_BZ(20'000, 1, seeded(3));
  CHECK(torch::allclose(drawn.mean(0), points.mean(0), 0, 0.06));
  CHECK(torch::allclose(spread(drawn), spread(points), 0, 0.06));
}

TEST_CASE("The VampPrior's density is the mean of the posteriors of what it has learned",
          "[models][zoo]") {
  const auto config = prior_config("vamp", 4);
  const auto model = vivid_model(config, 3);
  const torch::NoGradGuard no_grad;
  auto& prior = model->prior_kind();
  const auto parameters = prior.named_parameters();
  const auto lengths_BU = torch::full({3, 3}, 2, torch::kLong);
  const auto posterior =
      model->encode({torch::sigmoid(parameters["bits"]), lengths_BU, parameters["controls"]});
  const auto z_BZ = torch::randn({5, 4}, seeded(4));
  auto density = torch::zeros({5});
  for (int k = 0; k < 3; ++k) {
    const auto away = (z_BZ - posterior.mu_BZ[k]) / posterior.sigma_BZ[k];
    const auto constant = posterior.sigma_BZ[k] * std::sqrt(2 * std::acos(-1.0));
    density += ((-0.5 * away.square()).exp() / constant).prod(1) / 3;
  }
  CHECK(torch::allclose(prior.log_density_B(z_BZ), density.log(), 1e-3, 1e-3));
  // Without noise it draws the centres themselves.
  const auto drawn_BZ = prior.draw_BZ(50, 0, seeded(5));
  const auto nearest = (drawn_BZ.unsqueeze(1) - posterior.mu_BZ).abs().sum(-1).amin(1);
  CHECK(nearest.max().item<double>() < 1e-4);
}

TEST_CASE("The KL from uniform categories is the logarithm of their number less the entropy",
          "[models][zoo]") {
  auto config = prior_config("uniform", 4);
  config.posterior = "categorical";
  const auto model = make_model(config, seeded(1));
  const auto kl = model->prior_kind().kl_BD({torch::tensor({{0.0F, 0.0F, 100.0F, 0.0F}}), {}});
  CHECK(kl[0][0].item<double>() == Approx(0).margin(1e-6));
  CHECK(kl[0][1].item<double>() == Approx(std::log(2.0)));
  const auto z = model->prior_kind().draw_BZ(1000, 1, seeded(2));
  CHECK(torch::equal(z.view({1000, 2, 2}).sum(-1), torch::ones({1000, 2})));
  CHECK(model->prior_kind().log_density_B(z)[0].item<double>() == Approx(-2 * std::log(2.0)));
}

TEST_CASE("A fitted prior draws codes with the mean and covariance of those it followed",
          "[models][zoo]") {
  auto config = prior_config("auto");
  config.objective = "ae";
  const auto model = make_model(config, seeded(1));
  auto& prior = model->prior_kind();
  const auto mixed = torch::tensor({1.0F, 0.8F, 0.0F, 0.6F}).view({2, 2});
  const auto codes = torch::matmul(torch::randn({20'000, 2}, seeded(2)), mixed) + 3;
  for (const auto& some : codes.chunk(50)) prior.follow(some);
  const auto drawn = prior.draw_BZ(20'000, 1, seeded(3));
  CHECK(torch::allclose(drawn.mean(0), codes.mean(0), 0, 0.05));
  const auto covariance = [](const torch::Tensor& points) {
    const auto centred = points - points.mean(0);
    return torch::matmul(centred.t(), centred) / points.size(0);
  };
  CHECK(torch::allclose(covariance(drawn), covariance(codes), 0, 0.06));
  CHECK(torch::allclose(prior.draw_BZ(4, 0, seeded(3)), codes.mean(0).expand({4, 2}), 0, 0.05));
}
