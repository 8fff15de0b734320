#include "models/families/pca.hpp"

#include <algorithm>
#include <optional>
#include <vector>

#include <torch/optim/adam.h>
#include <torch/utils.h>

#include "tests/catch.hpp"
#include "tests/models/random_batch.hpp"

using namespace musicvae::models;

namespace {

ModelConfig pca_config(int latent, int rows = 3, int width = 5) {
  auto config = small_config("pca", RowKind::kBits);
  config.bars = 2;
  config.rows_per_bar = rows;
  config.row_width = width;
  config.latent = latent;
  return config;
}

/// Passages whose bits depend on each other, so that some axes matter more than others.
Batch related_passages(const ModelConfig& config, std::int64_t count) {
  const std::int64_t rows = config.rows_per_bar, size = 2 * rows * config.row_width;
  const auto causes = torch::randn({count, 3}, seeded(1));
  const auto effects = torch::randn({3, size}, seeded(2));
  const auto noise = torch::randn({count, size}, seeded(3));
  const auto bits = (torch::matmul(causes, effects) + 0.5 * noise > 0.5).to(torch::kFloat);
  return {bits.view({count, 2, rows, config.row_width}),
          torch::full({count, 2}, rows, torch::kLong),
          torch::zeros({count, 2, config.control_width})};
}

/// Fits in batches of seven.
void fit(Model& model, const Batch& all) {
  std::int64_t next = 0;
  const auto count = all.rows.size(0);
  model.fit([&]() -> std::optional<Batch> {
    if (next == count) return std::nullopt;
    const auto size = std::min<std::int64_t>(7, count - next);
    next += size;
    return Batch{all.rows.narrow(0, next - size, size), all.lengths_BU.narrow(0, next - size, size),
                 all.controls_BUC.narrow(0, next - size, size)};
  });
}

torch::Tensor axes(const Model& model) { return model.named_parameters()["axis.weight"]; }

/// Mean squared distance of the rows from what the axes bring back.
double error_of(Model& model, const torch::Tensor& rows_BD) {
  const auto centred = rows_BD - model.named_parameters()["mean"];
  const auto back = torch::matmul(torch::matmul(centred, axes(model).t()), axes(model));
  return (centred - back).square().sum(1).mean().item<double>();
}

}  // namespace

TEST_CASE("pca has orthonormal axes and the least error, by places or by passages",
          "[models][zoo]") {
  for (const std::int64_t count : {200, 20}) {  // More passages than bits, and fewer.
    const auto config = pca_config(4);
    const auto model = make_model(config, seeded(1));
    const auto batch = related_passages(config, count);
    fit(*model, batch);
    const auto rows_BD = batch.rows.flatten(1);
    CHECK(torch::allclose(torch::matmul(axes(*model), axes(*model).t()), torch::eye(4), 0, 1e-4));
    const auto singular =
        std::get<1>(torch::linalg_svd((rows_BD - rows_BD.mean(0)).to(torch::kDouble), false));
    const double least = singular.narrow(0, 4, singular.size(0) - 4).square().sum().item<double>();
    CHECK(error_of(*model, rows_BD) == Approx(least / double(count)).epsilon(1e-4));
    // Codes are uncorrelated and of unit variance.
    const auto code = model->centre_BZ(batch);
    CHECK(torch::allclose(code.mean(0), torch::zeros({4}), 0, 1e-4));
    CHECK(torch::allclose(torch::matmul(code.t(), code) / double(count), torch::eye(4), 0, 1e-3));
  }
}

TEST_CASE("The axes of thousands of places are those of a singular value decomposition",
          "[models][zoo]") {
  const auto config = pca_config(5, 24, 25);
  const auto model = make_model(config, seeded(1));
  const auto batch = related_passages(config, 1300);
  fit(*model, batch);
  const auto rows_BD = batch.rows.flatten(1);
  const auto centred = (rows_BD - rows_BD.mean(0)).to(torch::kDouble);
  const auto values = torch::linalg_eigvalsh(torch::matmul(centred.t(), centred));
  const double least = values.narrow(0, 0, values.size(0) - 5).sum().item<double>() / 1300;
  CHECK(error_of(*model, rows_BD) == Approx(least).epsilon(1e-5));
  CHECK(torch::allclose(torch::matmul(axes(*model), axes(*model).t()), torch::eye(5), 0, 1e-4));
}

TEST_CASE("A linear autoencoder trained to the end spans the axes of pca", "[models][zoo]") {
  const auto config = pca_config(3);
  const auto model = make_model(config, seeded(1));
  const auto batch = related_passages(config, 200);
  fit(*model, batch);
  const auto rows_BD = batch.rows.flatten(1);
  const auto centred = rows_BD - rows_BD.mean(0);
  auto into = (0.1 * torch::randn({centred.size(1), 3}, seeded(4))).requires_grad_();
  auto out_of = (0.1 * torch::randn({3, centred.size(1)}, seeded(5))).requires_grad_();
  torch::optim::Adam optimizer(std::vector<torch::Tensor>{into, out_of},
                               torch::optim::AdamOptions(0.01));
  for (int step = 0; step < 3000; ++step) {
    optimizer.zero_grad();
    const auto back = torch::matmul(torch::matmul(centred, into), out_of);
    (centred - back).square().sum(1).mean().backward();
    optimizer.step();
  }
  const torch::NoGradGuard no_grad;
  const auto learned = std::get<2>(torch::linalg_svd(out_of, false));  // [3, D], orthonormal.
  // All cosines between the two subspaces are 1.
  const auto cosines =
      std::get<1>(torch::linalg_svd(torch::matmul(axes(*model), learned.t()), false));
  CHECK(torch::allclose(cosines, torch::ones({3}), 0, 1e-3));
}

TEST_CASE("Passages that are all alike leave pca without axes, and with their mean",
          "[models][zoo][hostile]") {
  const auto config = pca_config(4);
  const auto model = make_model(config, seeded(1));
  auto batch = related_passages(config, 5);
  batch.rows = batch.rows.narrow(0, 0, 1).repeat({5, 1, 1, 1});
  fit(*model, batch);
  CHECK(axes(*model).abs().max().item<double>() == 0);
  CHECK(error_of(*model, batch.rows.flatten(1)) == Approx(0).margin(1e-9));
  CHECK_THROWS_AS(model->fit([] { return std::nullopt; }), ModelError);
}
