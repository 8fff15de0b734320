// Tests of the family whose bars have latents of their own, and of their prior.
#include "models/families/conductor.hpp"

#include <cmath>
#include <map>
#include <string>
#include <vector>

#include <torch/optim/adam.h>
#include <torch/utils.h>

#include "models/families/bar_prior.hpp"
#include "models/layers/generation.hpp"
#include "models/objective/loss.hpp"
#include "tests/catch.hpp"
#include "tests/models/random_batch.hpp"

using namespace musicvae::models;

namespace {

constexpr std::int64_t kSongs = 2, kBars = 7;

ModelConfig config_of(RowKind kind = RowKind::kBits) {
  auto config = small_config("conductor", kind);
  config.latent = 6;
  config.conductor = {2, 8};
  return config;
}

/// A prior all of whose weights matter.
BarPrior vivid_prior(const ModelConfig& config, double spread = 0.3) {
  BarPrior prior(config, seeded(1));
  const torch::NoGradGuard no_grad;
  auto generator = seeded(2);
  for (auto& parameter : prior->parameters()) parameter.normal_(0, spread, generator);
  return prior;
}

/// A prior that does nothing but repeat bars beside which other bars are alike.
BarPrior repeating_prior(const ModelConfig& config) {
  BarPrior prior(config, seeded(1));
  const torch::NoGradGuard no_grad;
  for (auto& parameter : prior->parameters()) parameter.zero_();
  auto parameters = prior->named_parameters();
  parameters["likeness"].fill_(10);
  // The gates of both heads.
  parameters["output.bias"].narrow(0, config.row_width, 2).fill_(5);
  return prior;
}

torch::Tensor random_latents(const ModelConfig& config, std::int64_t songs, std::int64_t bars) {
  return torch::randn({songs, bars, config.latent}, seeded(5));
}

/// Songs whose bars all have `rows` rows.
Batch even_batch(const ModelConfig& config, std::int64_t songs, std::int64_t bars,
                 std::int64_t rows) {
  return {random_rows(config, {songs, bars, rows}, seeded(3)),
          torch::full({songs, bars}, rows, torch::kLong),
          torch::randn({songs, bars, config.control_width}, seeded(6))};
}

/// Changes each row of the given bars.
void change_rows(torch::Tensor bars, const ModelConfig& config) {
  bars.copy_(config.row_kind == RowKind::kBits ? 1 - bars : (bars + 1) % config.row_width);
}

/// Every bar of `rows` rows that there may be: [N, 1, rows], or [N, 1, rows, W] for bits.
torch::Tensor all_bars(const ModelConfig& config, std::int64_t rows) {
  const bool bits = config.row_kind == RowKind::kBits;
  const auto places = bits ? rows * config.row_width : rows;
  const std::int64_t values = bits ? 2 : config.row_width;
  std::int64_t count = 1;
  for (std::int64_t i = 0; i < places; ++i) count *= values;
  std::vector<torch::Tensor> digits;
  auto left = torch::arange(count);
  for (std::int64_t i = 0; i < places; ++i) {
    digits.push_back(left % values);
    left = torch::div(left, values, "floor");
  }
  const auto bars = torch::stack(digits, 1).unsqueeze(1);
  return bits ? bars.view({count, 1, rows, -1}).to(torch::kFloat) : bars;
}

/// `count` songs like the one of `batch`, where there is but one.
torch::Tensor repeated(const torch::Tensor& values, std::int64_t count) {
  std::vector<std::int64_t> sizes(static_cast<std::size_t>(values.dim()), -1);
  sizes[0] = count;
  return values.narrow(0, 0, 1).expand(sizes).contiguous();
}

/// A batch of one song for every second bar there may be, which is missing, after one and the same
/// first bar and before as many known ones.
Batch all_second_bars(ModelConfig& config, std::int64_t rows, std::int64_t after) {
  if (config.row_kind == RowKind::kBits) config.row_width = 4;
  const auto one = even_batch(config, 1, 2 + after, rows);
  const auto second = all_bars(config, rows);
  const auto count = second.size(0);
  Batch batch{repeated(one.rows, count), torch::full({count, 2 + after}, rows, torch::kLong),
              repeated(one.controls_BUC, count)};
  batch.rows.narrow(1, 1, 1).copy_(second);
  batch.missing_BU = torch::zeros({count, 2 + after}, torch::kBool);
  batch.missing_BU.select(1, 1).fill_(true);
  return batch;
}

}  // namespace

TEST_CASE("A bar's probability depends on its rows and on no later bar, and not on its own latent",
          "[models][conductor]") {
  for (const auto kind : {RowKind::kTokens, RowKind::kBits}) {
    const auto config = config_of(kind);
    auto prior = vivid_prior(config);
    const auto batch = even_batch(config, kSongs, kBars, 4);
    const auto z_BUZ = random_latents(config, kSongs, kBars);
    const auto before = prior->bar_loss_BU(z_BUZ, batch);
    for (std::int64_t bar = 0; bar < kBars; ++bar) {
      auto other_z = z_BUZ.clone();
      other_z.narrow(1, bar, kBars - bar).add_(1);
      const auto by_latents = prior->bar_loss_BU(other_z, batch);
      CHECK(torch::equal(by_latents.narrow(1, 0, bar + 1), before.narrow(1, 0, bar + 1)));
      auto other = batch;
      other.rows = batch.rows.clone();
      change_rows(other.rows.narrow(1, bar, kBars - bar), config);
      const auto by_rows = prior->bar_loss_BU(z_BUZ, other);
      CHECK(torch::equal(by_rows.narrow(1, 0, bar), before.narrow(1, 0, bar)));
      CHECK_FALSE(torch::allclose(by_rows.select(1, bar), before.select(1, bar)));
    }
  }
}

TEST_CASE("A bar's probability depends on latents and rows of bars before it, and on its meter",
          "[models][conductor]") {
  const auto config = config_of();
  auto prior = vivid_prior(config);
  const auto batch = even_batch(config, kSongs, kBars, 4);
  const auto z_BUZ = random_latents(config, kSongs, kBars);
  const auto before = prior->bar_loss_BU(z_BUZ, batch);
  const auto differs_at = [&](const torch::Tensor& after, std::int64_t bar) {
    return !torch::allclose(after.select(1, bar), before.select(1, bar));
  };
  auto other_z = z_BUZ.clone();
  other_z.select(1, 2).add_(1);
  CHECK(differs_at(prior->bar_loss_BU(other_z, batch), 3));
  auto other_rows = batch;
  other_rows.rows = batch.rows.clone();
  change_rows(other_rows.rows.select(1, 2), config);
  CHECK(differs_at(prior->bar_loss_BU(z_BUZ, other_rows), 4));
  auto other_meter = batch;
  other_meter.controls_BUC = batch.controls_BUC.clone();
  other_meter.controls_BUC.select(1, 3).add_(1);
  const auto after = prior->bar_loss_BU(z_BUZ, other_meter);
  CHECK(differs_at(after, 3));
  CHECK(torch::equal(after.narrow(1, 0, 3), before.narrow(1, 0, 3)));
}

TEST_CASE("A missing bar follows from known bars on both sides, and from no missing bar after it",
          "[models][conductor]") {
  for (const auto kind : {RowKind::kTokens, RowKind::kBits}) {
    const auto config = config_of(kind);
    auto prior = vivid_prior(config);
    auto batch = even_batch(config, kSongs, kBars, 4);
    const auto z_BUZ = random_latents(config, kSongs, kBars);
    batch.missing_BU = torch::zeros({kSongs, kBars}, torch::kBool);
    batch.missing_BU.narrow(1, 2, 2).fill_(true);  // Bars 2 and 3 of 0 to 6.
    const auto before = prior->bar_loss_BU(z_BUZ, batch);
    CHECK(torch::equal(before > 0, batch.missing_BU));
    const auto changed = [&](std::int64_t bar, bool rows) {
      auto other_z = z_BUZ.clone();
      auto other = batch;
      other.rows = batch.rows.clone();
      if (rows) change_rows(other.rows.select(1, bar), config);
      if (!rows) other_z.select(1, bar).add_(1);
      return (prior->bar_loss_BU(other_z, other) - before).abs().amax(0);
    };
    CHECK(changed(1, false)[2].item<double>() > 0);
    CHECK(changed(3, false)[2].item<double>() == 0);
    CHECK(changed(3, true)[2].item<double>() == 0);
    CHECK(changed(2, false)[3].item<double>() > 0);
    CHECK(changed(2, true)[3].item<double>() > 0);
    for (const std::int64_t bar : {2, 3}) {
      CHECK(changed(4, false)[bar].item<double>() > 0);
      CHECK(changed(4, true)[bar].item<double>() > 0);
      CHECK(changed(bar, false)[bar].item<double>() == 0);
    }
  }
}

TEST_CASE("A prior can repeat what comes before a later bar like the next one",
          "[models][conductor]") {
  const auto config = config_of();
  auto prior = repeating_prior(config);
  auto batch = even_batch(config, 1, 4, 4);  // A, B, A, B: the first A is missing.
  change_rows(batch.rows.select(1, 1).copy_(batch.rows.select(1, 0)), config);
  batch.rows.narrow(1, 2, 2).copy_(batch.rows.narrow(1, 0, 2).clone());
  batch.missing_BU = torch::tensor({true, false, false, false}).unsqueeze(0);
  const auto z_BUZ = random_latents(config, 1, 4);
  CHECK(prior->bar_loss_BU(z_BUZ, batch).sum().item<double>() < 0.1);
}

TEST_CASE("The probabilities of all bars there may be add up to one", "[models][conductor]") {
  const std::int64_t known_after = GENERATE(0, 2);
  for (const auto kind : {RowKind::kTokens, RowKind::kBits}) {
    auto config = config_of(kind);
    const auto batch = all_second_bars(config, 2, known_after);
    auto prior = vivid_prior(config);
    const auto z_BUZ = repeated(random_latents(config, 1, 2 + known_after), batch.rows.size(0));
    const torch::NoGradGuard no_grad;
    const auto share = (-prior->bar_loss_BU(z_BUZ, batch).select(1, 1)).exp();
    CHECK(share.sum().item<double>() == Approx(1).epsilon(1e-4));
  }
}

TEST_CASE("Bars are written as often as they are probable", "[models][conductor]") {
  const std::int64_t known_after = GENERATE(0, 2);
  for (const auto kind : {RowKind::kTokens, RowKind::kBits}) {
    auto config = config_of(kind);
    const auto batch = all_second_bars(config, 2, known_after);
    auto prior = vivid_prior(config);
    const auto bars = batch.rows.size(0);
    const torch::NoGradGuard no_grad;
    const auto z_BUZ = repeated(random_latents(config, 1, 2 + known_after), bars);
    const auto share = (-prior->bar_loss_BU(z_BUZ, batch).select(1, 1)).exp();

    constexpr std::int64_t kDraws = 20'000;
    const auto lengths = repeated(batch.lengths_BU, kDraws);
    Batch given{repeated(batch.rows, kDraws), lengths, repeated(batch.controls_BUC, kDraws)};
    given.missing_BU = repeated(batch.missing_BU, kDraws);
    FixedLengths constraint(lengths);
    RowSampler sampler(config, {1.0}, constraint, seeded(4), given);
    prior->write(1, repeated(z_BUZ, kDraws), given, torch::ones({kDraws}, torch::kBool), sampler);
    const auto written = sampler.generated().rows.select(1, 1).flatten(1);
    const auto possible = batch.rows.select(1, 1).flatten(1).to(written.scalar_type());
    for (std::int64_t bar = 0; bar < bars; ++bar) {
      const auto count = (written == possible[bar]).all(1).sum().item<double>();
      const auto expected = share[bar].item<double>();
      INFO(bar);
      CHECK(std::abs(count / kDraws - expected) <
            5 * std::sqrt(expected * (1 - expected) / kDraws) + 1e-4);
    }
  }
}

TEST_CASE("A drawn passage may go on from given bars", "[models][conductor]") {
  for (const auto kind : {RowKind::kTokens, RowKind::kBits}) {
    const auto config = config_of(kind);
    auto model = vivid_model(config, 1);
    const auto layout = even_batch(config, kSongs, kBars, 4);
    const auto given = random_latents(config, kSongs, 3);
    const auto draw = [&](std::uint64_t seed, const torch::Tensor& known) {
      FixedLengths constraint(layout.lengths_BU);
      return model->draw_z(layout, {1.0}, constraint, seeded(seed), known);
    };
    const auto drawn = draw(8, given);
    CHECK(torch::equal(drawn.narrow(1, 0, 3), given));
    CHECK(torch::equal(draw(8, given), drawn));
    CHECK_FALSE(torch::allclose(draw(9, given), drawn));
    const auto other = draw(8, -given);
    CHECK_FALSE(torch::allclose(other.narrow(1, 3, 4), drawn.narrow(1, 3, 4)));
  }
}

TEST_CASE("A bar of a long passage does not depend on bars out of reach", "[models][conductor]") {
  const auto config = config_of();
  auto prior = vivid_prior(config);
  constexpr std::int64_t kLong = 40, kReach = 3 * 2 + 2;
  const auto batch = even_batch(config, 1, kLong, 4);
  const auto z_BUZ = random_latents(config, 1, kLong);
  auto other_z = z_BUZ.clone();
  other_z.narrow(1, 0, kLong - 1 - kReach).add_(1);
  auto other = batch;
  other.rows = batch.rows.clone();
  change_rows(other.rows.narrow(1, 0, kLong - 1 - kReach), config);
  const auto last = prior->bar_loss_BU(z_BUZ, batch).select(1, kLong - 1);
  CHECK(torch::allclose(prior->bar_loss_BU(other_z, other).select(1, kLong - 1), last));
  other_z.select(1, kLong - 1 - kReach).add_(1);
  CHECK_FALSE(torch::equal(prior->bar_loss_BU(other_z, other).select(1, kLong - 1), last));
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
      FixedLengths own(lengths);
      CHECK(model->draw_z(batch, {1.0}, own, seeded(5)).sizes() == mu.sizes());
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

TEST_CASE("Gaps are for the prior to fill, and bars learn as if there were none",
          "[models][conductor]") {
  const auto config = config_of();
  auto model = vivid_model(config, 1);
  const auto batch = random_batch(config, 2);
  const auto loss_of = [&](Learn learn, double share) {
    return compute_loss(*model, batch, {.learn = learn, .beta = 0.5, .gap_share = share},
                        seeded(3));
  };
  CHECK(torch::equal(loss_of(Learn::kBars, 1).total, loss_of(Learn::kBars, 0).total));
  CHECK(torch::equal(loss_of(Learn::kBoth, 1).reconstruction_B,
                     loss_of(Learn::kBoth, 0).reconstruction_B));
  for (const auto learn : {Learn::kPrior, Learn::kBoth}) {
    CHECK((loss_of(learn, 1).kl_B < loss_of(learn, 0).kl_B).all().item<bool>());
  }
}

TEST_CASE("Bars learn beside their prior as they do alone", "[models][conductor]") {
  const auto config = config_of();
  auto model = vivid_model(config, 1);
  const auto batch = random_batch(config, 2);
  const auto gradient_of = [&](Learn learn, const std::string& name) {
    model->zero_grad();
    compute_loss(*model, batch, {.learn = learn, .beta = 0.1}, seeded(3)).total.backward();
    return model->named_parameters()[name].grad().clone();
  };
  for (const std::string name : {"encoder.mu.weight", "decoder.output.weight"}) {
    CHECK(torch::allclose(gradient_of(Learn::kBoth, name), gradient_of(Learn::kBars, name)));
  }
  CHECK(torch::allclose(gradient_of(Learn::kBoth, "prior.input.weight"),
                        gradient_of(Learn::kPrior, "prior.input.weight"), 1e-4, 1e-6));
}

TEST_CASE("A prior learns that a song repeats its bars", "[models][conductor]") {
  auto config = config_of();
  config.bars = 8;
  BarPrior prior(config, seeded(1));
  torch::optim::Adam optimizer(prior->parameters(), torch::optim::AdamOptions(0.01));
  const auto loss_of = [&](std::uint64_t seed) {  // Bars 4 to 7 repeat bars 0 to 3.
    const auto half = torch::randn({16, 4, config.latent}, seeded(seed));
    const auto rows = random_rows(config, {16, 4, 4}, seeded(seed + 1000));
    const Batch songs{torch::cat({rows, rows}, 1), torch::full({16, 8}, 4, torch::kLong),
                      torch::zeros({16, 8, config.control_width})};
    return prior->bar_loss_BU(torch::cat({half, half}, 1), songs);
  };
  for (std::uint64_t step = 0; step < 150; ++step) {
    optimizer.zero_grad();
    loss_of(step).mean().backward();
    optimizer.step();
  }
  const auto found = loss_of(5000).mean(0);
  const double fresh = found.narrow(0, 0, 4).mean().item<double>();
  const double repeated = found.narrow(0, 4, 4).mean().item<double>();
  CHECK(repeated < fresh / 2);
}

TEST_CASE("A prior can repeat what came after a bar like the last one", "[models][conductor]") {
  for (const auto kind : {RowKind::kTokens, RowKind::kBits}) {
    const auto config = config_of(kind);
    auto prior = repeating_prior(config);
    auto batch = even_batch(config, 1, 4, 4);  // A, B, A, B.
    change_rows(batch.rows.select(1, 1).copy_(batch.rows.select(1, 0)), config);
    batch.rows.narrow(1, 2, 2).copy_(batch.rows.narrow(1, 0, 2).clone());
    const auto z_BUZ = random_latents(config, 1, 4);
    CHECK(prior->bar_loss_BU(z_BUZ, batch)[0][3].item<double>() < 0.1);
    change_rows(batch.rows.select(1, 3), config);
    CHECK(prior->bar_loss_BU(z_BUZ, batch)[0][3].item<double>() > 10);
  }
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

TEST_CASE("A conductor refuses a size that does not divide", "[models][conductor]") {
  auto config = config_of();
  config.conductor.hidden = 9;
  CHECK_THROWS_AS(make_model(config, seeded(1)), ModelError);
}
