// Tests of families that join a VAE of single bars with an inpainter of missing bars' latents.
#include "models/families/bar_vae.hpp"

#include <string>
#include <vector>

#include <torch/nn/utils.h>
#include <torch/optim/adam.h>
#include <torch/utils.h>

#include "models/families/latent_inpainter.hpp"
#include "models/layers/rows.hpp"
#include "models/objective/loss.hpp"
#include "tests/catch.hpp"
#include "tests/models/random_batch.hpp"

using namespace musicvae::models;

namespace {

/// The small configurations of these families, with five bars.
std::vector<ModelConfig> configs() {
  std::vector<ModelConfig> configs;
  for (const auto& config : all_small_configs()) {
    if (config.family != "inpaintnet" && config.family != "sketchnet") continue;
    if (config.encoder_kind == EncoderKind::kFlat) continue;  // they have an encoder of their own
    configs.push_back(config);
    configs.back().bars = 5;
    configs.back().latent = 20;
  }
  return configs;
}

torch::Tensor bools(const std::vector<int>& values) {
  return torch::tensor(values, torch::kLong).view({2, 5}) > 0;
}

/// Two passages of ragged bars of up to two spans. Each passage lacks two runs of bars, and one
/// ends early.
Batch gapped_batch(const ModelConfig& config, std::uint64_t seed) {
  auto generator = seeded(seed);
  Batch batch{random_rows(config, {2, 5, 8}, generator),
              torch::tensor({8, 1, 7, 2, 8, 3, 2, 6, 1, 0}, torch::kLong).view({2, 5}),
              torch::randn({2, 5, config.control_width}, generator)};
  batch.missing_BU = bools({0, 1, 1, 0, 1, 1, 0, 1, 0, 1});  // the last is absent
  return batch;
}

Batch with_type(Batch batch, torch::Dtype type) {
  if (batch.rows.is_floating_point()) batch.rows = batch.rows.to(type);
  batch.controls_BUC = batch.controls_BUC.to(type);
  return batch;
}

/// The batch with `other`'s rows where `where_BU` is true.
Batch with_rows(Batch batch, const Batch& other, torch::Tensor where_BU) {
  while (where_BU.dim() < batch.rows.dim()) where_BU = where_BU.unsqueeze(-1);
  batch.rows = torch::where(where_BU, other.rows, batch.rows);
  return batch;
}

bool finds_missing(const std::string& parameter) {
  return parameter.find("inpainter") != std::string::npos ||
         parameter.find("connector") != std::string::npos;
}

struct Trial {
  std::shared_ptr<Model> model;
  Batch batch;

  explicit Trial(const ModelConfig& config)
      : model(vivid_model(config, 1)), batch(gapped_batch(config, 2)) {}

  GeneratedRows fill(const Batch& given, double temperature, int seed = 1) const {
    const torch::NoGradGuard no_grad;
    FixedLengths constraint(given.lengths_BU);
    return model->inpaint(model->encode(given).mu_BZ, given, {.temperature = temperature},
                          constraint, seeded(seed));
  }
  GeneratedRows fill(double temperature, int seed = 1) const {
    return fill(batch, temperature, seed);
  }
  /// The logits of each bar's first row: [B, U, W].
  torch::Tensor first_logits(const Batch& given) const {
    const torch::NoGradGuard no_grad;
    return padded(model->decode(model->encode(given).mu_BZ, given), given).select(2, 0);
  }
};

double loss_of(Model& model, const Batch& batch, const LossOptions& options) {
  return compute_loss(model, batch, options, seeded(3)).total.item<double>();
}

/// The change of the loss along `direction` of one parameter, by central differences.
double slope(Model& model, const Batch& batch, const LossOptions& options, torch::Tensor parameter,
             const torch::Tensor& direction) {
  const torch::NoGradGuard no_grad;
  constexpr double kStep = 1e-6;
  parameter.add_(kStep * direction);
  const double above = loss_of(model, batch, options);
  parameter.sub_(2 * kStep * direction);
  const double below = loss_of(model, batch, options);
  parameter.add_(kStep * direction);
  return (above - below) / (2 * kStep);
}

}  // namespace

TEST_CASE("A row's features are the same one by one as all at once", "[models][bar_vae]") {
  for (const std::int64_t rows : {1, 6}) {
    const RowFeatures features{torch::randn({3, 4, 5}), rows};
    const auto all_NRF = features.of_rows(4 * rows - (rows > 1 ? 2 : 0));
    for (std::int64_t row = 0; row < all_NRF.size(1); ++row) {
      CHECK(torch::equal(features.of_row(row), all_NRF.select(1, row)));
    }
    CHECK(features.of_row(4 * rows).narrow(1, 0, 5).count_nonzero().item<std::int64_t>() == 0);
    const auto one = features.of_bars(torch::tensor({2}, torch::kLong));
    CHECK(torch::equal(one.of_row(3), features.of_row(3).narrow(0, 2, 1)));
  }
}

TEST_CASE("Where bars are missing the VAE gets no gradient, and elsewhere it does",
          "[models][bar_vae]") {
  for (const auto& config : configs()) {
    INFO(to_json(config).dump());
    const auto model = vivid_model(config, 1);
    auto batch = gapped_batch(config, 2);
    batch.missing_BU = torch::Tensor();
    for (const double gap_share : {1.0, 0.0}) {
      model->zero_grad();
      for (auto& parameter : model->parameters()) parameter.mutable_grad().reset();
      compute_loss(*model, batch, {.gap_share = gap_share}, seeded(3)).total.backward();
      for (const auto& parameter : model->named_parameters()) {
        INFO(parameter.key() << ", gaps " << gap_share);
        CHECK(parameter->requires_grad());
        CHECK(parameter->grad().defined() == (finds_missing(parameter.key()) == (gap_share == 1)));
      }
    }
  }
}

TEST_CASE("Gradients of what finds missing bars agree with finite differences",
          "[models][bar_vae]") {
  for (const auto& config : configs()) {
    INFO(to_json(config).dump());
    const auto model = vivid_model(config, 1);
    model->to(torch::kDouble);
    auto batch = with_type(gapped_batch(config, 2), torch::kDouble);
    const LossOptions options{.gap_share = 1, .reveal_share = 0.5};
    compute_loss(*model, batch, options, seeded(3)).total.backward();
    for (const auto& parameter : model->named_parameters()) {
      if (!finds_missing(parameter.key())) continue;
      INFO(parameter.key());
      const auto direction = torch::randn(parameter->sizes(), seeded(4), torch::kDouble);
      const double expected = slope(*model, batch, options, parameter.value(), direction);
      const double found = (parameter->grad() * direction).sum().item<double>();
      CHECK(found == Approx(expected).epsilon(1e-5).margin(1e-7));
    }
  }
}

TEST_CASE("Each run of missing bars is found from what stands before and after it",
          "[models][bar_vae]") {
  auto config = small_config("inpaintnet", RowKind::kTokens);
  config.bars = 5;
  LatentInpainter inpainter(config, 4, seeded(1));
  inpainter->to(torch::kDouble);
  const auto batch = with_type(gapped_batch(config, 2), torch::kDouble);
  const auto latents_BUZ = torch::randn({2, 5, 4}, seeded(3), torch::kDouble);
  const auto found_BUZ = inpainter(latents_BUZ, batch);

  const auto stack = [&](const char* name) {
    return std::dynamic_pointer_cast<LstmImpl>(inpainter->named_children()[name]);
  };
  const auto read = [](const Lstm& lstm, const torch::Tensor& bars_UF, const LstmState& state) {
    LstmInput input;
    input.dense_NTF = bars_UF.unsqueeze(0);
    return lstm->forward(input, state);
  };
  const auto head = std::dynamic_pointer_cast<DenseImpl>(inpainter->named_children()["latent"]);
  const auto check_run = [&](int song, int first, int end, int present) {
    const auto flags_U1 = batch.missing_BU[song].to(torch::kDouble).unsqueeze(-1);
    const auto bars_UF =
        torch::cat({latents_BUZ[song] * (1 - flags_U1), flags_U1, batch.controls_BUC[song]}, -1);
    const auto past = read(Lstm(stack("past")), bars_UF.slice(0, 0, first), {}).final;
    const auto future = read(Lstm(stack("future")), bars_UF.slice(0, end, present), {}).final;
    const LstmState start{torch::cat({past.h_LNH, future.h_LNH}, -1),
                          torch::cat({past.c_LNH, future.c_LNH}, -1)};
    const auto output = read(Lstm(stack("missing")), bars_UF.slice(0, first, end), start);
    CHECK(torch::allclose(found_BUZ[song].slice(0, first, end),
                          head->forward(output.output_NTD.squeeze(0)), 1e-9, 1e-10));
  };
  check_run(0, 1, 3, 5);
  check_run(0, 4, 5, 5);
  check_run(1, 0, 1, 4);
  check_run(1, 2, 3, 4);
  const auto known = ~(batch.missing_BU & (batch.lengths_BU > 0));
  CHECK(torch::equal(found_BUZ.index({known}), latents_BUZ.index({known})));
}

TEST_CASE("Greedy fills are the likeliest rows under teacher forcing with themselves",
          "[models][bar_vae]") {
  for (const auto& config : configs()) {
    INFO(to_json(config).dump());
    const Trial setting(config);
    const torch::NoGradGuard no_grad;
    const auto filled = setting.fill(0);
    auto batch = setting.batch;
    batch.rows = filled.rows;
    const auto logits = setting.model->decode(setting.model->encode(setting.batch).mu_BZ, batch);
    const auto right = rows_equal(config.row_kind, likeliest_rows(config.row_kind, logits),
                                  batch.at_targets(filled.rows));
    CHECK(right.all().item<bool>());
  }
}

TEST_CASE("A gap's present rows say nothing of its fill; known bars on both sides do",
          "[models][bar_vae]") {
  for (auto config : configs()) {
    INFO(to_json(config).dump());
    config.carry_row = false;
    const Trial setting(config);
    const auto& batch = setting.batch;
    const auto other = gapped_batch(config, 7);
    const auto inner = setting.first_logits(batch)[0][1];
    const auto inner_after = [&](const std::vector<int>& changed) {
      return setting.first_logits(with_rows(batch, other, bools(changed)))[0][1];
    };
    CHECK(torch::equal(inner_after({0, 1, 1, 0, 1, 1, 1, 1, 1, 1}), inner));
    CHECK_FALSE(torch::allclose(inner_after({1, 0, 0, 0, 0, 0, 0, 0, 0, 0}), inner));
    CHECK_FALSE(torch::allclose(inner_after({0, 0, 0, 1, 0, 0, 0, 0, 0, 0}), inner));
    CHECK(torch::equal(setting.fill(with_rows(batch, other, batch.missing_BU), 0).rows,
                       setting.fill(0).rows));
  }
}

TEST_CASE("A passage whose bars are all missing can be filled", "[models][bar_vae]") {
  for (const auto& config : configs()) {
    Trial setting(config);
    setting.batch.missing_BU.fill_(true);
    CHECK(torch::equal(setting.fill(1.0).lengths_BU, setting.batch.lengths_BU));
  }
}

TEST_CASE("A latent that bars cannot share is refused with one that they can",
          "[models][bar_vae]") {
  auto config = small_config("inpaintnet", RowKind::kTokens);
  config.latent = 7;
  try {
    make_model(config, seeded(1));
    FAIL("made a model whose bars share 7 dimensions");
  } catch (const ModelError& error) {
    const std::string message = error.what();
    CHECK(message.find("latent (7)") != std::string::npos);
    CHECK(message.find("make it 9") != std::string::npos);
  }
}

TEST_CASE("Half of a bar's latent is of its pitches in order, half of their rhythm alone",
          "[models][bar_vae]") {
  auto config = small_config("sketchnet", RowKind::kTokens);
  config.bars = 1;
  config.latent = 8;
  const auto model = vivid_model(config, 1);
  const auto halves = [&](const std::vector<int>& tokens) {
    const torch::NoGradGuard no_grad;
    const Batch batch{torch::tensor(tokens, torch::kLong).view({1, 1, -1}),
                      torch::tensor({5}, torch::kLong).view({1, 1}), torch::zeros({1, 1, 2})};
    return model->encode(batch).mu_BZ.chunk(2, -1);
  };
  const auto bar = halves({1, 0, 2, 3, 4, 2});  // pitches 1 2 3; the last row is padding
  const auto other_pitch = halves({1, 0, 3, 3, 4, 0});
  CHECK_FALSE(torch::allclose(other_pitch[0], bar[0]));
  CHECK(torch::equal(other_pitch[1], bar[1]));
  const auto other_order = halves({2, 0, 1, 3, 4, 0});
  CHECK_FALSE(torch::allclose(other_order[0], bar[0]));
  CHECK(torch::equal(other_order[1], bar[1]));
  const auto other_rhythm = halves({0, 1, 2, 4, 3, 1});
  CHECK(torch::equal(other_rhythm[0], bar[0]));
  CHECK_FALSE(torch::allclose(other_rhythm[1], bar[1]));
}

TEST_CASE("The fill of a missing bar hears what is revealed and nothing else",
          "[models][bar_vae]") {
  auto config = small_config("sketchnet", RowKind::kTokens);
  config.bars = 5;
  config.latent = 20;
  config.carry_row = false;
  const Trial setting(config);
  auto batch = setting.batch;
  const auto set_bar = [&batch](const std::vector<int>& tokens) {
    batch.rows[0][2].narrow(0, 0, 3).copy_(torch::tensor(tokens, torch::kLong));  // it has 3 rows
  };
  const auto heard = [&](bool pitch, bool rhythm, const std::vector<int>& tokens) {
    batch.revealed_pitch_BU = pitch ? batch.missing_BU : torch::Tensor();
    batch.revealed_rhythm_BU = rhythm ? batch.missing_BU : torch::Tensor();
    set_bar({1, 0, 2});
    const auto before = setting.first_logits(batch)[0][2];
    set_bar(tokens);
    return !torch::allclose(setting.first_logits(batch)[0][2], before);
  };
  const std::vector<int> other_pitch{1, 0, 3}, other_rhythm{1, 2, 4};
  CHECK_FALSE(heard(false, false, other_pitch));
  CHECK_FALSE(heard(false, false, other_rhythm));
  CHECK(heard(true, false, other_pitch));
  CHECK_FALSE(heard(true, false, other_rhythm));
  CHECK_FALSE(heard(false, true, other_pitch));
  CHECK(heard(false, true, other_rhythm));
}

TEST_CASE("Training reveals a share of the missing bars to a model that sketches",
          "[models][bar_vae]") {
  const auto config = small_config("sketchnet", RowKind::kTokens);
  const auto model = vivid_model(config, 1);
  const auto batch = random_batch(config, 2);
  const auto loss = [&](double share) {
    const LossOptions options{.gap_share = 1, .reveal_share = share};
    return compute_loss(*model, batch, options, seeded(3)).total.item<double>();
  };
  CHECK(loss(1) == loss(1));
  CHECK(loss(1) != Approx(loss(1e-9)));
}

TEST_CASE("A sketching model of rows that name no pitches is refused", "[models][bar_vae]") {
  auto config = small_config("sketchnet", RowKind::kTokens);
  config.pitch_count = 0;
  CHECK_THROWS_AS(make_model(config, seeded(1)), ModelError);
  config = small_config("sketchnet", RowKind::kTokens);
  config.row_kind = RowKind::kBits;
  CHECK_THROWS_AS(make_model(config, seeded(1)), ModelError);
}

TEST_CASE("A small model learns the missing bars of eight passages by heart", "[models][overfit]") {
  auto config = small_config("inpaintnet", RowKind::kTokens);
  config.bars = 4;
  config.latent = 4 * 16;
  config.encoder = config.conductor = {1, 24};
  config.decoder = {1, 32};
  auto generator = seeded(1);
  Batch batch{random_rows(config, {8, 4, 4}, generator), torch::full({8, 4}, 4, torch::kLong),
              torch::randn({8, 4, config.control_width}, generator)};
  const auto model = make_model(config, seeded(3));
  torch::optim::Adam optimizer(model->parameters(), torch::optim::AdamOptions(0.02));
  const auto step = [&] {
    for (auto& parameter : model->parameters()) parameter.mutable_grad().reset();
    compute_loss(*model, batch, {.beta = 0.01}, generator).total.backward();
    torch::nn::utils::clip_grad_norm_(model->parameters(), 5.0);
    optimizer.step();
  };
  const auto learned = [&] {
    const torch::NoGradGuard no_grad;
    const auto mu_BZ = model->encode(batch).mu_BZ;
    FixedLengths constraint(batch.lengths_BU);
    const SamplingOptions greedy{.temperature = 0};
    const auto found = batch.missing_BU.defined()
                           ? model->inpaint(mu_BZ, batch, greedy, constraint, seeded(1))
                           : model->generate(mu_BZ, batch.controls_BUC, batch.lengths_BU > 0,
                                             greedy, constraint, seeded(1));
    return torch::equal(found.rows, batch.rows);
  };
  const auto learn = [&] {
    for (int i = 1; i <= 400; ++i) {
      step();
      if (i % 20 == 0 && learned()) return true;
    }
    return false;
  };
  CHECK(learn());
  batch.missing_BU = torch::zeros({8, 4}, torch::kBool);
  batch.missing_BU.narrow(1, 1, 2).fill_(true);
  CHECK(learn());
}
