#include "models/hierarchical.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include <torch/utils.h>

#include "models/encoder.hpp"
#include "models/generation.hpp"
#include "models/layers.hpp"
#include "models/row_input.hpp"
#include "models/row_stepper.hpp"
#include "models/threads.hpp"
#include "models/transfer.hpp"

namespace musicvae::models {
namespace {

/// What the conductor tells the decoder about all bars, song by song.
struct BarContext {
  LstmState state;
  torch::Tensor constant_NC;  // Embedding, control.
};

/// A conductor without controls reads a constant 0, as MusicVAE's.
torch::Tensor conductor_input(const torch::Tensor& controls_BUC) {
  if (controls_BUC.size(2) > 0) return controls_BUC;
  return controls_BUC.new_zeros({controls_BUC.size(0), controls_BUC.size(1), 1});
}

/// The last row of the bar before each bar: [B U], or [B U, W].
torch::Tensor carried_rows(const ModelConfig& config, const torch::Tensor& rows,
                           const torch::Tensor& lengths_BU) {
  const auto bars = lengths_BU.numel();
  if (!config.carry_row) return no_rows(config, bars, rows);
  const auto bar_N = torch::arange(bars, lengths_BU.options());
  const auto last_N = bar_N * rows.size(2) + (lengths_BU.flatten() - 1).clamp_min(0);
  const auto last_BU = rows.flatten(0, 2)
                           .index_select(0, send(last_N, rows.device()))
                           .reshape(rows.select(2, 0).sizes());
  return previous_rows(no_rows(config, rows.size(0), rows), last_BU).flatten(0, 1);
}

/// Bars that can be sampled at once, in the order of their dependence.
std::vector<std::vector<BarId>> sampling_order(const torch::Tensor& present_BU, bool carry_row) {
  const auto songs = present_BU.size(0);
  const auto bars = present_BU.size(1);
  const auto present = present_BU.to(torch::kCPU).contiguous();
  std::vector<std::vector<BarId>> order(static_cast<std::size_t>(carry_row ? bars : 1));
  for (std::int64_t song = 0; song < songs; ++song) {
    for (std::int64_t bar = 0; bar < bars; ++bar) {
      if (!present.data_ptr<bool>()[song * bars + bar]) continue;
      order[static_cast<std::size_t>(carry_row ? bar : 0)].push_back({song, bar});
    }
  }
  return order;
}

std::vector<BarId> bars_before(std::vector<BarId> bars) {
  for (auto& id : bars) --id.bar;
  return bars;
}

class Hierarchical : public Model {
 public:
  Hierarchical(const ModelConfig& config, torch::Generator generator);

  Posterior encode(const Batch& batch) override { return posterior_(encoder_->forward(batch)); }
  torch::Tensor decode(const torch::Tensor& z_BZ, const Batch& batch,
                       const torch::Tensor& inputs) override;
  GeneratedRows generate(const torch::Tensor& z_BZ, const torch::Tensor& controls_BUC,
                         const torch::Tensor& present_BU, const SamplingOptions& options,
                         RowConstraint& constraint, torch::Generator generator) override;

 private:
  BarContext conduct(const torch::Tensor& z_BZ, const torch::Tensor& controls_BUC);
  RowStart start_of(const BarContext& context, const std::vector<BarId>& bars,
                    std::int64_t bars_a_song, const RowSampler& sampler) const;
  void sample_bars(std::vector<BarId> bars, RowStepper& stepper, RowSampler& sampler);

  std::shared_ptr<Encoder> encoder_;
  PosteriorHead posterior_;
  StateHead conductor_state_;
  Lstm conductor_;
  StateHead decoder_state_;
  Lstm decoder_;
  Dense output_;
};

LstmOptions conductor_options(const ModelConfig& config) {
  LstmOptions options;
  options.dense_features = std::max(1, config.control_width);
  options.hidden = config.conductor.hidden;
  options.layers = config.conductor.layers;
  return options;
}

LstmOptions decoder_options(const ModelConfig& config) {
  const auto features = config.conductor.hidden + config.control_width;
  return row_lstm_options(config, config.decoder, {.constant_features = features});
}

Hierarchical::Hierarchical(const ModelConfig& config, torch::Generator generator)
    : Model(config),
      encoder_(make_encoder(config, generator)),
      posterior_(config, generator),
      conductor_state_(config.latent, config.conductor, generator),
      conductor_(make_lstm(conductor_options(config), generator)),
      decoder_state_(config.conductor.hidden, config.decoder, generator),
      decoder_(make_lstm(decoder_options(config), generator)),
      output_(make_output_layer(config.decoder.hidden, config.row_width, generator)) {
  register_module("encoder", encoder_);
  register_module("posterior", posterior_);
  register_module("conductor_state", conductor_state_);
  register_module("conductor", conductor_);
  register_module("decoder_state", decoder_state_);
  register_module("decoder", decoder_);
  register_module("output", output_);
}

BarContext Hierarchical::conduct(const torch::Tensor& z_BZ, const torch::Tensor& controls_BUC) {
  LstmInput input;
  input.dense_NTF = conductor_input(controls_BUC);
  const auto embedding_BUH = conductor_->forward(input, conductor_state_->forward(z_BZ)).output_NTD;
  return {decoder_state_->forward(embedding_BUH.flatten(0, 1)),
          torch::cat({embedding_BUH, controls_BUC}, -1).flatten(0, 1)};
}

torch::Tensor Hierarchical::decode(const torch::Tensor& z_BZ, const Batch& batch,
                                   const torch::Tensor& inputs) {
  const auto& rows = inputs.defined() ? inputs : batch.rows;
  const auto context = conduct(z_BZ, batch.controls_BUC);
  const auto before =
      previous_rows(carried_rows(config(), rows, batch.lengths_BU), rows.flatten(0, 1));
  auto input = row_input(config().row_kind, before);
  input.constant_NC = context.constant_NC;
  input.lengths_N = batch.lengths_BU.flatten();
  const auto h_NRH = decoder_->forward(input, context.state).output_NTD;
  return output_(h_NRH).view({rows.size(0), rows.size(1), rows.size(2), config().row_width});
}

GeneratedRows Hierarchical::generate(const torch::Tensor& z_BZ, const torch::Tensor& controls_BUC,
                                     const torch::Tensor& present_BU,
                                     const SamplingOptions& options, RowConstraint& constraint,
                                     torch::Generator generator) {
  const torch::NoGradGuard no_grad;
  const StepThreads threads;
  auto context = conduct(z_BZ, controls_BUC);
  RowSampler sampler(config(), options, constraint, std::move(generator), present_BU.sizes());
  const auto stepper = make_row_stepper({config().row_kind, decoder_, output_});
  context.constant_NC = stepper->prepare_constant(context.constant_NC);
  for (const auto& bars : sampling_order(present_BU, config().carry_row)) {
    stepper->start(start_of(context, bars, present_BU.size(1), sampler));
    sample_bars(bars, *stepper, sampler);
  }
  return sampler.generated();
}

RowStart Hierarchical::start_of(const BarContext& context, const std::vector<BarId>& bars,
                                std::int64_t bars_a_song, const RowSampler& sampler) const {
  std::vector<std::int64_t> places;
  for (const auto& id : bars) places.push_back(id.song * bars_a_song + id.bar);
  const auto index = index_tensor(places).to(context.constant_NC.device());
  return {.state = select_sequences(context.state, index),
          .prepared = context.constant_NC.index_select(0, index),
          .rows = config().carry_row ? sampler.last_rows(bars_before(bars))
                                     : no_rows(config(), index.numel(), sampler.generated().rows)};
}

void Hierarchical::sample_bars(std::vector<BarId> bars, RowStepper& stepper, RowSampler& sampler) {
  while (true) {
    const auto open = sampler.unfinished(bars);
    if (open.empty()) return;
    if (open.size() < bars.size()) {
      bars = select(bars, open);
      stepper.keep(open);
    }
    stepper.feed(sampler.next(bars, stepper.step()));
  }
}

}  // namespace

std::shared_ptr<Model> make_hierarchical(const ModelConfig& config, torch::Generator generator) {
  return std::make_shared<Hierarchical>(config, std::move(generator));
}

}  // namespace musicvae::models
