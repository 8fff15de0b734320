#include "models/layers/row_stepper.hpp"

#include <torch/utils.h>

#include "models/layers/row_input.hpp"
#include "tests/catch.hpp"
#include "tests/models/random_batch.hpp"

using namespace musicvae::models;

namespace {

constexpr std::int64_t kConstants = 3;
constexpr std::int64_t kFeatures = 2;

/// A decoder of rows that also reads constants, and features at every step.
RowDecoder random_decoder(const ModelConfig& config) {
  const auto options = row_lstm_options(
      config, config.decoder, {.dense_features = kFeatures, .constant_features = kConstants});
  auto generator = seeded(1);
  RowDecoder decoder{config.row_kind, make_lstm(options, generator),
                     make_output_layer(config.decoder.hidden, config.row_width, generator)};
  decoder.lstm->to(torch::kDouble);
  decoder.output->to(torch::kDouble);
  return decoder;
}

RowStart random_start(const RowStepper& stepper, const ModelConfig& config, std::int64_t count,
                      torch::Generator generator) {
  const auto real = torch::TensorOptions(torch::kDouble);
  const std::vector<std::int64_t> states{config.decoder.layers, count, config.decoder.hidden};
  const auto constant_NC = torch::randn({count, kConstants}, generator, real);
  return {.state = {torch::randn(states, generator, real), torch::randn(states, generator, real)},
          .prepared = stepper.prepare_constant(constant_NC),
          .rows = no_rows(config, count, random_rows(config, {count}, generator))};
}

/// Five sequences start. These are the ones whose logits count at each step.
const std::vector<std::vector<std::int64_t>> kLeft = {{0, 1, 2, 3, 4}, {0, 1, 2, 3, 4}, {0, 2, 3},
                                                      {3, 2},          {3, 2},          {3, 2}};

/// The logits of the sequences that count, step by step. The others are left out, or go on.
std::vector<torch::Tensor> run_steps(const ModelConfig& config, bool leave_out) {
  const torch::NoGradGuard no_grad;
  auto generator = seeded(2);
  RowStepper stepper(random_decoder(config));
  stepper.start(random_start(stepper, config, 5, generator));
  std::vector<torch::Tensor> logits;
  for (std::size_t step = 0; step < kLeft.size(); ++step) {
    const auto left = torch::tensor(kLeft[step]);
    const auto features = torch::randn({5, kFeatures}, generator, torch::kDouble);
    auto rows = random_rows(config, {5}, generator);
    if (config.row_kind == RowKind::kBits) rows = rows.to(torch::kDouble);
    if (leave_out) {
      if (step == 2) stepper.keep({0, 2, 3});
      if (step == 3) stepper.keep({2, 1});
      logits.push_back(stepper.step(features.index_select(0, left)).clone());
      stepper.feed(rows.index_select(0, left));
    } else {
      logits.push_back(stepper.step(features).index_select(0, left));
      stepper.feed(rows);
    }
  }
  return logits;
}

}  // namespace

TEST_CASE("Leaving out sequences that are done changes nothing in the others",
          "[models][generation]") {
  for (const auto kind : {RowKind::kTokens, RowKind::kBits}) {
    const auto config = small_config("flat", kind);
    const auto left_out = run_steps(config, true);
    const auto going_on = run_steps(config, false);
    for (std::size_t i = 0; i < left_out.size(); ++i) {
      INFO("step " << i);
      CHECK(torch::allclose(left_out[i], going_on[i], 1e-12, 1e-12));
    }
  }
}
