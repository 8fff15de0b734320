#include "models/families/bar_vae.hpp"

#include <initializer_list>
#include <string>
#include <utility>

#include <torch/utils.h>

#include "models/families/frozen.hpp"
#include "models/families/weights.hpp"
#include "models/runtime/transfer.hpp"

namespace musicvae::models {
namespace {

/// The width of one bar's latent.
int checked_bar_latent(const ModelConfig& config, int parts) {
  if (config.latent % (config.bars * parts) == 0) return config.latent / config.bars;
  throw ModelError(
      "model config: of family '" + config.family + "', latent (" + std::to_string(config.latent) +
      ") must be a multiple of " + (parts > 1 ? std::to_string(parts) + " times " : std::string()) +
      "bars (" + std::to_string(config.bars) + "), as every bar has its share; make it " +
      std::to_string((config.latent / (config.bars * parts) + 1) * config.bars * parts));
}

torch::Tensor all_bars(const torch::Tensor& latents_BUZ) {
  return torch::arange(latents_BUZ.size(0) * latents_BUZ.size(1),
                       torch::TensorOptions(latents_BUZ.device()).dtype(torch::kLong));
}

LstmOptions span_options(const ModelConfig& config) {
  return {.constant_features = config.latent / config.bars + config.control_width,
          .hidden = config.decoder.hidden,
          .layers = config.decoder.layers};
}

int feature_width(const ModelConfig& config) {
  return config.decoder.hidden + static_cast<int>(BarVae::kSpanRows);
}

}  // namespace

BarVae::BarVae(const ModelConfig& config, int parts, torch::Generator generator)
    : Model(config),
      span_state_(checked_bar_latent(config, parts), config.decoder, generator),
      spans_(make_lstm(span_options(config), generator)),
      decoder_(*this, config, {.embedding = bar_latent(), .features = feature_width(config)},
               std::move(generator)) {
  register_module("span_state", span_state_);
  register_module("spans", spans_);
}

Posterior BarVae::encode(const Batch& batch) {
  const torch::AutoGradMode grad(torch::GradMode::is_enabled() && !batch.missing_BU.defined());
  const auto [mu_BUZ, sigma_BUZ] = encode_known_bars(batch);
  const auto unknown_BU1 = send(batch.known_lengths_BU() == 0, mu_BUZ.device()).unsqueeze(-1);
  return {passage_latent(mu_BUZ.masked_fill(unknown_BU1, 0), 0),
          passage_latent(sigma_BUZ.masked_fill(unknown_BU1, 1), 1)};
}

torch::Tensor BarVae::decode(const torch::Tensor& z_BZ, const Batch& batch,
                             const torch::Tensor& inputs) {
  const auto given_BUZ = bar_latents(z_BZ, batch.lengths_BU.size(1));
  const auto targets_N = target_bars(batch);
  const auto index_N = send(targets_N, z_BZ.device());
  const auto rows = batch.rows.size(2);
  if (!batch.missing_BU.defined()) {
    return decoder_.decode_bars(context(given_BUZ, batch.controls_BUC, index_N, rows), targets_N,
                                batch, inputs);
  }
  const auto found_BUZ = find_missing(given_BUZ.detach(), batch);
  const Frozen frozen(decoder_parameters());
  return decoder_.decode_bars(context(found_BUZ, batch.controls_BUC, index_N, rows), targets_N,
                              batch, inputs);
}

GeneratedRows BarVae::generate_rows(const torch::Tensor& z_BZ, const torch::Tensor& controls_BUC,
                                    const torch::Tensor& present_BU, const SamplingOptions& options,
                                    RowConstraint& constraint, torch::Generator generator) {
  RowSampler sampler(config(), options, constraint, std::move(generator), present_BU.sizes());
  const auto latents_BUZ = bar_latents(z_BZ, present_BU.size(1));
  decoder_.sample(
      context(latents_BUZ, controls_BUC, all_bars(latents_BUZ), sampler.generated().rows.size(2)),
      present_BU, sampler);
  return sampler.generated();
}

GeneratedRows BarVae::inpaint_rows(const torch::Tensor& z_BZ, const Batch& batch,
                                   const SamplingOptions& options, RowConstraint& constraint,
                                   torch::Generator generator) {
  RowSampler sampler(config(), options, constraint, std::move(generator), batch);
  const auto latents_BUZ = find_missing(bar_latents(z_BZ, batch.lengths_BU.size(1)), batch);
  decoder_.sample(context(latents_BUZ, batch.controls_BUC, all_bars(latents_BUZ),
                          sampler.generated().rows.size(2)),
                  batch.missing_BU & (batch.lengths_BU > 0), sampler);
  return sampler.generated();
}

/// The latents of all bars that the model has, side by side: [B, Z]. If the batch has fewer bars,
/// `absent` fills the others.
torch::Tensor BarVae::passage_latent(const torch::Tensor& latents_BUZ, double absent) const {
  const auto lacking = config().bars - latents_BUZ.size(1);
  return torch::constant_pad_nd(latents_BUZ, {0, 0, 0, lacking}, absent).flatten(1);
}

torch::Tensor BarVae::bar_latents(const torch::Tensor& z_BZ, std::int64_t bars) const {
  const auto latents_BUZ = z_BZ.reshape({z_BZ.size(0), config().bars, bar_latent()});
  return torch::constant_pad_nd(latents_BUZ, {0, 0, 0, bars - config().bars});
}

/// The decoder's context for N bars, with room for `rows` rows each. `index_N` counts the bars
/// through all songs.
BarContext BarVae::context(const torch::Tensor& latents_BUZ, const torch::Tensor& controls_BUC,
                           const torch::Tensor& index_N, std::int64_t rows) {
  const auto latents_NZ = of_bars(latents_BUZ, index_N);
  const auto controls_NC = of_bars(controls_BUC, index_N);
  return decoder_.context(latents_NZ, controls_NC, row_features(latents_NZ, controls_NC, rows));
}

RowFeatures BarVae::row_features(const torch::Tensor& latents_NZ, const torch::Tensor& controls_NC,
                                 std::int64_t rows) {
  LstmInput input;
  input.constant_NC = torch::cat({latents_NZ, controls_NC}, -1);
  input.steps = (rows + kSpanRows - 1) / kSpanRows;
  return {spans_->forward(input, span_state_(latents_NZ)).output_NTD, kSpanRows};
}

std::vector<torch::Tensor> BarVae::decoder_parameters() const {
  auto all = decoder_.parameters();
  for (const torch::nn::Module* part :
       std::initializer_list<const torch::nn::Module*>{span_state_.get(), spans_.get()}) {
    const auto parameters = part->parameters();
    all.insert(all.end(), parameters.begin(), parameters.end());
  }
  return all;
}

std::int64_t bar_vae_weights(const ModelConfig& config) {
  const std::int64_t latent = config.latent / config.bars;
  const auto span_inputs = latent + config.control_width;
  const auto row_inputs = config.row_width + span_inputs + feature_width(config);
  return 2 * state_weights(latent, config.decoder) + stack_weights(span_inputs, config.decoder, 1) +
         stack_weights(row_inputs, config.decoder, 1);
}

}  // namespace musicvae::models
