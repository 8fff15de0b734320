// Tests of what every family that finds missing bars promises.
#include <torch/nn/utils.h>
#include <torch/optim/adam.h>
#include <torch/utils.h>

#include "models/layers/bar_attention.hpp"
#include "models/layers/rows.hpp"
#include "models/model.hpp"
#include "models/objective/elbo.hpp"
#include "models/objective/loss.hpp"
#include "tests/catch.hpp"
#include "tests/models/random_batch.hpp"

using namespace musicvae::models;

namespace {

std::vector<ModelConfig> inpainter_configs() {
  std::vector<ModelConfig> configs;
  for (const auto& config : all_small_configs()) {
    if (make_model(config, seeded(1))->inpaints()) configs.push_back(config);
  }
  return configs;
}

/// The first passage lacks its second bar, the second its first.
Batch batch_with_gaps(const ModelConfig& config) {
  auto batch = random_batch(config, 2);
  batch.missing_BU = torch::tensor({0, 1, 0, 1, 0, 0}, torch::kLong).view({2, 3}) > 0;
  return batch;
}

/// The batch with other rows where `mask_BUR` is true.
Batch with_other_rows(const ModelConfig& config, Batch batch, torch::Tensor mask_BUR) {
  if (config.row_kind == RowKind::kBits) mask_BUR = mask_BUR.unsqueeze(-1);
  const auto others =
      config.row_kind == RowKind::kBits ? 1 - batch.rows : (batch.rows + 1) % config.row_width;
  batch.rows = torch::where(mask_BUR, others, batch.rows);
  return batch;
}

/// z for two songs of three bars.
torch::Tensor normal_z(const Model& model) {
  const std::int64_t latent = model.config().latent;
  if (model.has_bar_latents()) return torch::randn({2, 3, latent}, seeded(9));
  return torch::randn({2, latent}, seeded(9));
}

/// Whether the bits of a row that is found are given each other, not the row before alone.
bool chains_bits(const Model& model) {
  return model.has_bar_latents() && model.config().row_kind == RowKind::kBits;
}

GeneratedRows filled(Model& model, const Batch& batch, double temperature, int seed) {
  FixedLengths constraint(batch.lengths_BU);
  return model.inpaint(normal_z(model), batch, {.temperature = temperature}, constraint,
                       seeded(static_cast<std::uint64_t>(seed)));
}

}  // namespace

TEST_CASE("What stands in missing bars is hidden from the encoder", "[models][inpainters]") {
  for (const auto& config : inpainter_configs()) {
    INFO(to_json(config).dump());
    const auto model = vivid_model(config, 1);
    const auto batch = batch_with_gaps(config);
    const auto other = with_other_rows(config, batch, target_mask_BUR(batch));
    CHECK(torch::equal(model->encode(batch).mu_BZ, model->encode(other).mu_BZ));
    const auto seen = with_other_rows(config, batch, ~target_mask_BUR(batch));
    CHECK_FALSE(torch::equal(model->encode(batch).mu_BZ, model->encode(seen).mu_BZ));
  }
}

TEST_CASE("A missing bar's first row is found from other bars alone, and from those after it",
          "[models][inpainters]") {
  for (const auto& config : inpainter_configs()) {
    INFO(to_json(config).dump());
    const auto model = vivid_model(config, 1);
    if (chains_bits(*model)) continue;
    const auto batch = batch_with_gaps(config);
    const auto first_row = [&](const Batch& given) {
      auto read = given;
      const auto posterior = model->encode(read);
      return model->decode(posterior.mu_BZ, read)[0];
    };
    const auto expected = first_row(batch);
    CHECK(
        torch::equal(first_row(with_other_rows(config, batch, target_mask_BUR(batch))), expected));
    auto after_BUR = torch::zeros_like(batch.mask_BUR());
    after_BUR[0][2].fill_(true);
    CHECK_FALSE(torch::allclose(first_row(with_other_rows(config, batch, after_BUR)), expected));
  }
}

TEST_CASE("What is read once serves encoding and decoding as well as what is read anew",
          "[models][inpainters]") {
  for (const auto& config : inpainter_configs()) {
    const auto model = vivid_model(config, 1);
    const auto batch = batch_with_gaps(config);
    auto read = batch;
    read.reading_BUD = model->read(batch);
    const auto z_BZ = normal_z(*model);
    CHECK(torch::equal(model->encode(batch).mu_BZ, model->encode(read).mu_BZ));
    CHECK(torch::equal(model->decode(z_BZ, batch), model->decode(z_BZ, read)));
  }
}

TEST_CASE("Inpainting leaves known bars as they were and fills the others by seed",
          "[models][inpainters]") {
  for (const auto& config : inpainter_configs()) {
    INFO(to_json(config).dump());
    const auto model = vivid_model(config, 1);
    const auto batch = batch_with_gaps(config);
    const auto fill = filled(*model, batch, 1.0, 5);
    CHECK(torch::equal(fill.lengths_BU, batch.lengths_BU));
    auto known = batch.rows_within(batch.known_lengths_BU());
    if (config.row_kind == RowKind::kBits) known = known.unsqueeze(-1);
    CHECK(torch::equal(torch::where(known, fill.rows, torch::zeros_like(fill.rows)),
                       torch::where(known, batch.rows, torch::zeros_like(batch.rows))));
    CHECK(torch::equal(fill.rows, filled(*model, batch, 1.0, 5).rows));
    bool differs = false;
    for (int seed = 6; seed < 12; ++seed) {
      differs = differs || !torch::equal(fill.rows, filled(*model, batch, 1.0, seed).rows);
    }
    CHECK(differs);
  }
}

TEST_CASE("A greedy fill is the likeliest under teacher forcing with itself",
          "[models][inpainters]") {
  for (const auto& config : inpainter_configs()) {
    INFO(to_json(config).dump());
    const auto model = vivid_model(config, 1);
    if (chains_bits(*model)) continue;
    auto batch = batch_with_gaps(config);
    batch.rows = filled(*model, batch, 0, 1).rows;
    const auto likeliest = likeliest_rows(config.row_kind, model->decode(normal_z(*model), batch));
    const auto same = rows_equal(config.row_kind, likeliest, batch.at_targets(batch.rows));
    CHECK(same.all().item<bool>());
  }
}

TEST_CASE("Gradients under gaps agree with finite differences", "[models][inpainters]") {
  auto config = small_config("masked", RowKind::kTokens);
  for (const auto kind : {RowKind::kTokens, RowKind::kBits}) {
    config.row_kind = kind;
    const auto model = vivid_model(config, 1);
    model->to(torch::kDouble);
    const auto batch = in_double(random_batch(config, 2));
    const auto loss = [&] {
      return compute_loss(*model, batch, {.beta = 0.5, .gap_share = 1}, seeded(3)).total;
    };
    loss().backward();
    const torch::NoGradGuard no_grad;
    for (const auto& parameter : model->named_parameters()) {
      INFO(parameter.key());
      constexpr double kStep = 1e-5;
      auto value = parameter.value();
      const auto direction = torch::randn(value.sizes(), seeded(4), torch::kDouble);
      value.add_(kStep * direction);
      const double above = loss().item<double>();
      value.sub_(2 * kStep * direction);
      const double below = loss().item<double>();
      value.add_(kStep * direction);
      const double found = (parameter->grad() * direction).sum().item<double>();
      CHECK(found == Approx((above - below) / (2 * kStep)).epsilon(1e-5).margin(1e-7));
    }
  }
}

TEST_CASE("Only the rows of missing bars count in the loss", "[models][inpainters]") {
  const auto config = small_config("masked", RowKind::kTokens);
  const auto model = vivid_model(config, 1);
  const auto batch = batch_with_gaps(config);
  const auto loss_BUR = row_loss_BUR(config, model->decode(normal_z(*model), batch), batch);
  CHECK((loss_BUR > 0).equal(target_mask_BUR(batch)));
  const auto loss = compute_loss(*model, random_batch(config, 2), {.gap_share = 1}, seeded(3));
  CHECK(loss.rows.item<int>() < batch.lengths_BU.sum().item<int>());
}

TEST_CASE("Families that cannot inpaint say so", "[models][inpainters]") {
  const auto config = small_config("hierarchical", RowKind::kTokens);
  const auto model = make_model(config, seeded(1));
  CHECK_FALSE(model->inpaints());
  CHECK_THROWS_AS(filled(*model, batch_with_gaps(config), 1, 1), ModelError);
}

TEST_CASE("Attention goes to known bars only and may go nowhere", "[models][inpainters]") {
  BarAttention attention(3, 4, 5, BarAttentionImpl::Neighbours::kCompared, seeded(1));
  const auto known_BU = torch::tensor({1, 0, 1, 0, 0, 0, 0, 0, 0, 0}).view({2, 5}) > 0;
  const auto weights_BKUU =
      attention(torch::randn({2, 5, 3}, seeded(2)), torch::randn({2, 5, 4}, seeded(3)),
                torch::rand({2, 5, 5}, seeded(4)), known_BU);
  const auto total_BKU = weights_BKUU.sum(-1);
  CHECK((total_BKU < 1).all().item<bool>());
  CHECK((total_BKU[0] > 0).all().item<bool>());
  CHECK((total_BKU[1] == 0).all().item<bool>());
  const auto unknown = weights_BKUU.masked_select(known_BU.logical_not().unsqueeze(1).unsqueeze(1));
  CHECK((unknown == 0).all().item<bool>());
}

TEST_CASE("Attention prefers bars whose neighbours are like one's own", "[models][inpainters]") {
  // The bars are a b a ?. The missing bar follows an a, as b does.
  auto config = small_config("masked", RowKind::kTokens);
  config.bars = 4;
  Batch batch{torch::tensor({1, 2, 1, 0}, torch::kLong).view({1, 4, 1}).repeat({1, 1, 3}),
              torch::full({1, 4}, 3, torch::kLong), torch::zeros({1, 4, 2})};
  batch.missing_BU = torch::tensor({0, 0, 0, 1}, torch::kLong).view({1, 4}) > 0;
  const auto likeness = likeness_BUU(config, batch);
  CHECK(likeness[0][0][2].item<double>() == 1);
  CHECK(likeness[0][0][1].item<double>() == 0);
  CHECK(likeness[0][3].sum().item<double>() == 0);
  BarAttention attention(2, 2, 4, BarAttentionImpl::Neighbours::kCompared, seeded(1));
  for (auto& item : attention->named_parameters()) {
    if (item.key() == "distance") item.value().detach().zero_();
  }
  const auto nothing_BUD = torch::zeros({1, 4, 2});
  const auto weights_UK =
      attention(nothing_BUD, nothing_BUD, likeness, ~batch.missing_BU)[0].select(1, 3).t();
  CHECK((weights_UK[1] > weights_UK[0]).all().item<bool>());
  CHECK((weights_UK[1] > weights_UK[2]).all().item<bool>());
}

TEST_CASE("An inpainter learns to fill the gaps of eight passages by heart",
          "[models][inpainters][overfit]") {
  auto config = small_config("masked", RowKind::kTokens);
  config.latent = 8;
  config.encoder = {1, 24};
  config.conductor = {1, 24};
  config.decoder = {1, 32};
  auto generator = seeded(1);
  Batch batch{random_rows(config, {8, 3, 6}, generator), torch::full({8, 3}, 6, torch::kLong),
              torch::randn({8, 3, config.control_width}, generator)};
  batch.missing_BU = torch::zeros({8, 3}, torch::kBool);
  batch.missing_BU.select(1, 1).fill_(true);
  const auto model = make_model(config, seeded(3));
  torch::optim::Adam optimizer(model->parameters(), torch::optim::AdamOptions(0.02));
  bool learned = false;
  for (int step = 1; step <= 600 && !learned; ++step) {
    optimizer.zero_grad();
    compute_loss(*model, batch, {.beta = 0.01}, generator).total.backward();
    torch::nn::utils::clip_grad_norm_(model->parameters(), 5.0);
    optimizer.step();
    if (step % 20 != 0) continue;
    FixedLengths constraint(batch.lengths_BU);
    const auto fill = model->inpaint(model->encode(batch).mu_BZ, batch, {.temperature = 0},
                                     constraint, seeded(1));
    learned = torch::equal(fill.rows, batch.rows);
  }
  CHECK(learned);
}
