#include "models/families/flat.hpp"

#include <utility>

#include "models/families/weights.hpp"
#include "models/layers/dense.hpp"
#include "models/layers/encoder.hpp"
#include "models/layers/generation.hpp"
#include "models/layers/row_input.hpp"
#include "models/layers/row_stepper.hpp"
#include "models/layers/timeline.hpp"
#include "models/passages/song_cursors.hpp"

namespace musicvae::models {
namespace {

class Flat : public Model {
 public:
  Flat(const ModelConfig& config, torch::Generator generator);

  Posterior encode(const Batch& batch) override { return posterior_(encoder_->forward(batch)); }
  torch::Tensor decode(const torch::Tensor& z_BZ, const Batch& batch,
                       const torch::Tensor& inputs) override;

 private:
  GeneratedRows generate_rows(const torch::Tensor& z_BZ, const torch::Tensor& controls_BUC,
                              const torch::Tensor& present_BU, const SamplingOptions& options,
                              RowConstraint& constraint, torch::Generator generator) override;
  std::shared_ptr<Encoder> encoder_;
  PosteriorHead posterior_;
  StateHead decoder_state_;
  Lstm decoder_;
  Dense output_;
};

LstmOptions decoder_options(const ModelConfig& config) {
  return row_lstm_options(
      config, config.decoder,
      {.dense_features = config.control_width, .constant_features = config.latent});
}

Flat::Flat(const ModelConfig& config, torch::Generator generator)
    : Model(config),
      encoder_(make_encoder(config, generator)),
      posterior_(config.encoder, config.latent, generator),
      decoder_state_(config.latent, config.decoder, generator),
      decoder_(make_lstm(decoder_options(config), generator)),
      output_(make_output_layer(config.decoder.hidden, config.row_width, generator)) {
  register_module("encoder", encoder_);
  register_module("posterior", posterior_);
  register_module("decoder_state", decoder_state_);
  register_module("decoder", decoder_);
  register_module("output", output_);
}

torch::Tensor Flat::decode(const torch::Tensor& z_BZ, const Batch& batch,
                           const torch::Tensor& inputs) {
  const Timeline timeline(batch);
  const auto rows = timeline.rows(inputs.defined() ? inputs : batch.rows);
  const auto before = previous_rows(no_rows(config(), rows.size(0), rows), rows);
  auto input = row_input(config().row_kind, before, timeline.repeat_per_row(batch.controls_BUC));
  input.constant_NC = z_BZ;
  input.lengths_N = timeline.lengths_B();
  input.outputs = LstmSteps::kReal;
  return output_(decoder_->forward(input, decoder_state_->forward(z_BZ)).output_PD);
}

GeneratedRows Flat::generate_rows(const torch::Tensor& z_BZ, const torch::Tensor& controls_BUC,
                                  const torch::Tensor& present_BU, const SamplingOptions& options,
                                  RowConstraint& constraint, torch::Generator generator) {
  RowSampler sampler(config(), options, constraint, std::move(generator), present_BU.sizes());
  RowStepper stepper({config().row_kind, decoder_, output_});
  stepper.start({.state = decoder_state_->forward(z_BZ),
                 .prepared = stepper.prepare_constant(z_BZ),
                 .rows = no_rows(config(), z_BZ.size(0), sampler.generated().rows)});
  SongCursors cursors(present_BU);
  while (true) {
    const auto songs = cursors.bars().size();
    const auto open = cursors.advance(sampler);
    if (open.empty()) return sampler.generated();
    if (open.size() < songs) stepper.keep(open);
    const auto logits_NW = stepper.step(cursors.of_bars(controls_BUC));
    stepper.feed(sampler.next(cursors.bars(), logits_NW));
  }
}

}  // namespace

std::shared_ptr<Model> make_flat(const ModelConfig& config, torch::Generator generator) {
  return std::make_shared<Flat>(config, std::move(generator));
}

std::int64_t flat_weights(const ModelConfig& config) {
  const auto inputs = std::int64_t{config.row_width} + config.latent + config.control_width;
  return encoder_weights(config, config.encoder_kind) +
         state_weights(config.latent, config.decoder) + stack_weights(inputs, config.decoder, 1);
}

}  // namespace musicvae::models
