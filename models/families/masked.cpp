#include "models/families/masked.hpp"

#include <utility>

#include "models/families/weights.hpp"
#include "models/layers/bar_attention.hpp"
#include "models/layers/bar_decoder.hpp"
#include "models/layers/dense.hpp"
#include "models/layers/encoder.hpp"
#include "models/runtime/transfer.hpp"

namespace musicvae::models {
namespace {

class Masked : public Model {
 public:
  Masked(const ModelConfig& config, torch::Generator generator);

  bool inpaints() const override { return true; }
  torch::Tensor read(const Batch& batch) override;
  Posterior encode(const Batch& batch) override;
  torch::Tensor decode(const torch::Tensor& z_BZ, const Batch& batch,
                       const torch::Tensor& inputs) override;

 private:
  GeneratedRows generate_rows(const torch::Tensor& z_BZ, const torch::Tensor& controls_BUC,
                              const torch::Tensor& present_BU, const SamplingOptions& options,
                              RowConstraint& constraint, torch::Generator generator) override;
  GeneratedRows inpaint_rows(const torch::Tensor& z_BZ, const Batch& batch,
                             const SamplingOptions& options, RowConstraint& constraint,
                             torch::Generator generator) override;
  torch::Tensor reading_of(const Batch& batch);
  torch::Tensor likeness_of_known(const Batch& batch) const;
  BarContext conduct(const torch::Tensor& z_BZ, const Batch& batch, const torch::Tensor& index_N);

  Lstm rows_;           // Reads the rows of a bar.
  torch::Tensor mask_;  // [2 H]: stands for the reading of an unknown bar.
  Lstm bars_;           // Reads the bars of a passage, for z.
  PosteriorHead posterior_;
  Lstm conductor_;
  BarAttention attention_;
  BarDecoder decoder_;
};

int bar_width(const ModelConfig& config) { return 2 * config.encoder.hidden; }
int conducted_width(const ModelConfig& config) { return 2 * config.conductor.hidden; }

LstmOptions bars_options(const ModelConfig& config) {
  return {.dense_features = bar_width(config) + config.control_width,
          .hidden = config.encoder.hidden,
          .layers = config.encoder.layers,
          .bidirectional = true};
}

LstmOptions conductor_options(const ModelConfig& config) {
  return {.dense_features = bar_width(config) + config.control_width,
          .constant_features = config.latent,
          .hidden = config.conductor.hidden,
          .layers = config.conductor.layers,
          .bidirectional = true};
}

Masked::Masked(const ModelConfig& config, torch::Generator generator)
    : Model(config),
      rows_(make_bar_reader(config, generator)),
      bars_(make_lstm(bars_options(config), generator)),
      posterior_(config.encoder, config.latent, generator),
      conductor_(make_lstm(conductor_options(config), generator)),
      attention_(conducted_width(config), bar_width(config), config.bars,
                 BarAttentionImpl::Neighbours::kCompared, generator),
      decoder_(*this, config,
               {.embedding = conducted_width(config),
                .features = static_cast<int>(BarAttentionImpl::kHeads) * config.row_width,
                .copies = static_cast<int>(BarAttentionImpl::kHeads)},
               generator) {
  register_module("rows", rows_);
  mask_ = register_parameter("mask", torch::zeros({bar_width(config)}));
  register_module("bars", bars_);
  register_module("posterior", posterior_);
  register_module("conductor", conductor_);
  register_module("attention", attention_);
}

torch::Tensor Masked::read(const Batch& batch) {
  const auto unknown = (batch.known_lengths_BU() == 0).unsqueeze(-1);
  return encode_bars(config().row_kind, rows_, batch) + mask_ * send(unknown, mask_.device());
}

Posterior Masked::encode(const Batch& batch) {
  const auto reading_BUD = batch.reading_BUD.defined() ? batch.reading_BUD : read(batch);
  LstmInput input;
  input.dense_NTF = torch::cat({reading_BUD, batch.controls_BUC}, -1);
  input.lengths_N = (batch.lengths_BU > 0).sum(1);
  input.outputs = LstmSteps::kNone;
  return posterior_(top_of_both(bars_->forward(input).final));
}

/// The bars as the conductor reads them. If none is missing, all are unknown and are to be found
/// from z.
torch::Tensor Masked::reading_of(const Batch& batch) {
  if (!batch.missing_BU.defined()) {
    return mask_.expand({batch.lengths_BU.size(0), batch.lengths_BU.size(1), -1});
  }
  return batch.reading_BUD.defined() ? batch.reading_BUD : read(batch);
}

/// How alike the known bars are: [B, U, U]. If no bar is missing, the conductor knows none.
torch::Tensor Masked::likeness_of_known(const Batch& batch) const {
  if (batch.missing_BU.defined()) return likeness_BUU(config(), batch);
  const auto bars = batch.lengths_BU.size(1);
  return batch.controls_BUC.new_zeros({batch.lengths_BU.size(0), bars, bars});
}

/// The decoder's context for N bars. `index_N` counts the bars through all songs.
BarContext Masked::conduct(const torch::Tensor& z_BZ, const Batch& batch,
                           const torch::Tensor& index_N) {
  const auto reading_BUD = reading_of(batch);
  LstmInput input;
  input.dense_NTF = torch::cat({reading_BUD, batch.controls_BUC}, -1);
  input.constant_NC = z_BZ;
  input.lengths_N = (batch.lengths_BU > 0).sum(1);
  const auto embedding_BUE = conductor_->forward(input).output_NTD;
  const auto known_BU = batch.missing_BU.defined() ? batch.known_lengths_BU() > 0
                                                   : torch::zeros_like(batch.lengths_BU) > 0;
  const auto weights_BKUU = attention_(embedding_BUE, reading_BUD, likeness_of_known(batch),
                                       send(known_BU, embedding_BUE.device()));
  return decoder_.context(
      of_bars(embedding_BUE, index_N), of_bars(batch.controls_BUC, index_N),
      {.spans_NSF = of_bars(attended_rows(config(), weights_BKUU, batch), index_N)});
}

torch::Tensor Masked::decode(const torch::Tensor& z_BZ, const Batch& batch,
                             const torch::Tensor& inputs) {
  const auto targets_N = target_bars(batch);
  return decoder_.decode_bars(conduct(z_BZ, batch, send(targets_N, z_BZ.device())), targets_N,
                              batch, inputs);
}

GeneratedRows Masked::generate_rows(const torch::Tensor& z_BZ, const torch::Tensor& controls_BUC,
                                    const torch::Tensor& present_BU, const SamplingOptions& options,
                                    RowConstraint& constraint, torch::Generator generator) {
  const auto one_row_BU = present_BU.to(torch::kCPU, torch::kLong);
  auto sizes = one_row_BU.sizes().vec();
  sizes.push_back(1);
  if (config().row_kind == RowKind::kBits) sizes.push_back(config().row_width);
  const auto type = config().row_kind == RowKind::kBits ? torch::kFloat : torch::kLong;
  const auto rows = torch::zeros(sizes, controls_BUC.options().dtype(type));
  return inpaint_rows(z_BZ, {rows, one_row_BU, controls_BUC, present_BU.to(torch::kCPU)}, options,
                      constraint, std::move(generator));
}

GeneratedRows Masked::inpaint_rows(const torch::Tensor& z_BZ, const Batch& batch,
                                   const SamplingOptions& options, RowConstraint& constraint,
                                   torch::Generator generator) {
  RowSampler sampler(config(), options, constraint, std::move(generator), batch);
  const auto all = torch::arange(batch.lengths_BU.numel(),
                                 torch::TensorOptions(batch.rows.device()).dtype(torch::kLong));
  decoder_.sample(conduct(z_BZ, batch, all), batch.missing_BU & (batch.lengths_BU > 0), sampler);
  return sampler.generated();
}

}  // namespace

std::shared_ptr<Model> make_masked(const ModelConfig& config, torch::Generator generator) {
  return std::make_shared<Masked>(config, std::move(generator));
}

std::int64_t masked_weights(const ModelConfig& config) {
  const std::int64_t bar = bar_width(config), conducted = conducted_width(config);
  const auto decoder_inputs =
      (1 + BarAttentionImpl::kHeads) * config.row_width + conducted + config.control_width;
  return encoder_weights(config, EncoderKind::kHierarchical) +
         stack_weights(bar + config.control_width + config.latent, config.conductor, 2) +
         attention_weights(bar + conducted, config.bars) +
         state_weights(conducted, config.decoder) +
         stack_weights(decoder_inputs, config.decoder, 1) +
         std::int64_t{BarAttentionImpl::kHeads} * config.decoder.hidden;
}

}  // namespace musicvae::models
