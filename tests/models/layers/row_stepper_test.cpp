#include "models/layers/row_stepper.hpp"

#include <torch/utils.h>

#include "models/layers/row_input.hpp"
#include "tests/catch.hpp"
#include "tests/models/random_batch.hpp"

using namespace musicvae::models;

namespace {

constexpr std::int64_t kConstants = 3;
constexpr std::int64_t kFeatures = 2;

/// A decoder of rows that also reads features at every step and constants.
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

/// The logits of six steps of each of three starts, of which the second has fewer sequences than
/// the first and the third more; some sequences leave after the second and third step.
std::vector<torch::Tensor> run_steps(RowStepper& stepper, const ModelConfig& config) {
  const torch::NoGradGuard no_grad;
  auto generator = seeded(2);
  std::vector<torch::Tensor> logits;
  for (std::int64_t count : {5, 4, 7}) {
    stepper.start(random_start(stepper, config, count, generator));
    for (int step = 0; step < 6; ++step) {
      if (step == 2) stepper.keep({0, 2, 3});
      if (step == 3) stepper.keep({2, 1});
      const std::int64_t left = step < 2 ? count : step < 3 ? 3 : 2;
      const auto features = torch::randn({left, kFeatures}, generator, torch::kDouble);
      logits.push_back(stepper.step(features).clone());
      const auto rows = random_rows(config, {left}, generator);
      stepper.feed(config.row_kind == RowKind::kBits ? rows.to(torch::kDouble) : rows);
    }
  }
  return logits;
}

}  // namespace

TEST_CASE("Sequences that are done change nothing, whether they are left out or go on",
          "[models][generation]") {
  for (const auto kind : {RowKind::kTokens, RowKind::kBits}) {
    const auto config = small_config("flat", kind);
    const auto decoder = random_decoder(config);
    const auto left_out = run_steps(*make_shrinking_stepper(decoder), config);
    const auto going_on = run_steps(*make_recorded_stepper(decoder), config);
    REQUIRE(left_out.size() == going_on.size());
    for (std::size_t i = 0; i < left_out.size(); ++i) {
      INFO("step " << i);
      CHECK(torch::allclose(left_out[i], going_on[i], 1e-12, 1e-12));
    }
  }
}
