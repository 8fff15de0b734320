#include "models/families/hierarchical.hpp"

#include <algorithm>
#include <utility>

#include "models/families/weights.hpp"
#include "models/layers/bar_decoder.hpp"
#include "models/layers/dense.hpp"
#include "models/layers/encoder.hpp"
#include "models/lstm/stepper.hpp"

namespace musicvae::models {
namespace {

/// A conductor without controls reads a constant 0, as MusicVAE's does.
LstmInput conductor_input(const torch::Tensor& controls_BUC) {
  LstmInput input;
  input.dense_NTF = controls_BUC.size(2) > 0
                        ? controls_BUC
                        : controls_BUC.new_zeros({controls_BUC.size(0), controls_BUC.size(1), 1});
  return input;
}

class Hierarchical : public Model {
 public:
  Hierarchical(const ModelConfig& config, torch::Generator generator);

  Posterior encode(const Batch& batch) override { return posterior_(encoder_->forward(batch)); }
  torch::Tensor decode(const torch::Tensor& z_BZ, const Batch& batch,
                       const torch::Tensor& inputs) override;

 private:
  GeneratedRows generate_rows(const torch::Tensor& z_BZ, const torch::Tensor& controls_BUC,
                              const torch::Tensor& present_BU, const SamplingOptions& options,
                              RowConstraint& constraint, torch::Generator generator) override;
  BarContext context_of(const torch::Tensor& embedding_BUH, const torch::Tensor& controls_BUC) {
    return decoder_.context(embedding_BUH.flatten(0, 1), controls_BUC.flatten(0, 1));
  }

  std::shared_ptr<Encoder> encoder_;
  PosteriorHead posterior_;
  StateHead conductor_state_;
  Lstm conductor_;
  BarDecoder decoder_;
};

LstmOptions conductor_options(const ModelConfig& config) {
  LstmOptions options;
  options.dense_features = std::max(1, config.control_width);
  options.hidden = config.conductor.hidden;
  options.layers = config.conductor.layers;
  return options;
}

Hierarchical::Hierarchical(const ModelConfig& config, torch::Generator generator)
    : Model(config),
      encoder_(make_encoder(config, generator)),
      posterior_(config.encoder, config.latent, generator),
      conductor_state_(config.latent, config.conductor, generator),
      conductor_(make_lstm(conductor_options(config), generator)),
      decoder_(*this, config, {.embedding = config.conductor.hidden}, generator) {
  register_module("encoder", encoder_);
  register_module("posterior", posterior_);
  register_module("conductor_state", conductor_state_);
  register_module("conductor", conductor_);
}

torch::Tensor Hierarchical::decode(const torch::Tensor& z_BZ, const Batch& batch,
                                   const torch::Tensor& inputs) {
  const auto& rows = inputs.defined() ? inputs : batch.rows;
  const auto conducted =
      conductor_->forward(conductor_input(batch.controls_BUC), conductor_state_->forward(z_BZ));
  const auto context = context_of(conducted.output_NTD, batch.controls_BUC);
  return decoder_.decode(context, carried_rows(config(), rows, batch.lengths_BU),
                         rows.flatten(0, 1), batch.lengths_BU.flatten());
}

GeneratedRows Hierarchical::generate_rows(const torch::Tensor& z_BZ,
                                          const torch::Tensor& controls_BUC,
                                          const torch::Tensor& present_BU,
                                          const SamplingOptions& options, RowConstraint& constraint,
                                          torch::Generator generator) {
  RowSampler sampler(config(), options, constraint, std::move(generator), present_BU.sizes());
  const auto embedding_BUH =
      step_through(conductor_, conductor_input(controls_BUC), conductor_state_->forward(z_BZ));
  decoder_.sample(context_of(embedding_BUH, controls_BUC), present_BU, sampler);
  return sampler.generated();
}

}  // namespace

std::shared_ptr<Model> make_hierarchical(const ModelConfig& config, torch::Generator generator) {
  return std::make_shared<Hierarchical>(config, std::move(generator));
}

std::int64_t hierarchical_weights(const ModelConfig& config) {
  const std::int64_t conducted = config.conductor.hidden;
  const auto decoder_inputs = config.row_width + conducted + config.control_width;
  return encoder_weights(config, config.encoder_kind) +
         state_weights(config.latent, config.conductor) +
         stack_weights(std::max(1, config.control_width), config.conductor, 1) +
         state_weights(conducted, config.decoder) +
         stack_weights(decoder_inputs, config.decoder, 1);
}

}  // namespace musicvae::models
