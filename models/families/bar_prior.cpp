#include "models/families/bar_prior.hpp"

#include <algorithm>
#include <cmath>

#include <torch/utils.h>

#include "models/families/weights.hpp"
#include "models/layers/bar_attention.hpp"
#include "models/layers/dense_bars.hpp"
#include "models/layers/rows.hpp"
#include "models/runtime/transfer.hpp"

namespace musicvae::models {
namespace {

/// Bars before that a bar looks at row by row, each chosen by a head.
constexpr std::int64_t kPointers = 2;

int input_width(const ModelConfig& config) { return 2 * config.latent + config.control_width; }

/// The LSTM that writes rows is as wide as the transformer.
ModelConfig writer_config(ModelConfig config) {
  config.decoder = {1, config.conductor.hidden};
  return config;
}

BarDecoderInputs writer_inputs(const ModelConfig& config) {
  return {.embedding = config.conductor.hidden,
          .features = static_cast<int>(kPointers * config.row_width + RowPlaces::kPlaces),
          .copies = static_cast<int>(kPointers)};
}

/// The values of `bars` bars before, and zeros where there are none.
torch::Tensor earlier(const torch::Tensor& values_BUD, std::int64_t bars) {
  const auto kept = std::max<std::int64_t>(values_BUD.size(1) - bars, 0);
  return torch::constant_pad_nd(values_BUD.narrow(1, 0, kept),
                                {0, 0, values_BUD.size(1) - kept, 0});
}

/// Where in the bar each of its rows lies, for N bars: [N, R, kPlaces].
torch::Tensor places_like(const torch::Tensor& rows_NRF) {
  const auto rows = rows_NRF.size(1);
  const auto place_R = torch::arange(rows, torch::kLong) % RowPlaces::kPlaces;
  return torch::one_hot(place_R, RowPlaces::kPlaces)
      .to(rows_NRF.options())
      .expand({rows_NRF.size(0), -1, -1});
}

}  // namespace

BarPriorImpl::BarPriorImpl(const ModelConfig& config, torch::Generator generator)
    : config_(config),
      // Layers look back one after the other, and the first reads two bars before.
      reach_((config.conductor.layers + 1) * (std::int64_t{config.bars} - 1) + 2),
      input_(input_width(config), config.conductor.hidden, 1 / std::sqrt(input_width(config)),
             generator),
      transformer_(config.conductor, config.bars, generator),
      pointer_(config.conductor.hidden, config.bars, kPointers, generator),
      writer_(*this, writer_config(config), writer_inputs(config), generator) {
  register_module("input", input_);
  register_module("transformer", transformer_);
  register_module("pointer", pointer_);
  if (config.row_kind == RowKind::kBits) {
    chain_ = register_module("chain", BitChain(config.row_width));
  }
}

torch::Tensor BarPriorImpl::bar_loss_BU(const torch::Tensor& z_BUZ, const Batch& batch) {
  const auto targets_N = target_bars(batch);
  const auto told = of_bars(context(z_BUZ, batch), send(targets_N, z_BUZ.device()));
  const auto rows_P = batch.at_targets(batch.rows);
  auto logits_PW = writer_.decode_bars(told, targets_N, batch, {});
  if (chain_) logits_PW = chain_(logits_PW, rows_P);
  const auto loss_P = row_loss(config_.row_kind, logits_PW, rows_P);
  return batch.with_targets(loss_P.new_zeros(batch.rows.sizes().slice(0, 3)), loss_P).sum(-1);
}

void BarPriorImpl::write_next(const torch::Tensor& z_BKZ, const torch::Tensor& controls_BUC,
                              const torch::Tensor& wanted_B, RowSampler& sampler) {
  const auto bar = z_BKZ.size(1);
  const auto first = std::max<std::int64_t>(bar - reach_, 0);
  const auto seen = bar + 1 - first;
  const auto& written = sampler.generated();
  const Batch batch{send(written.rows.narrow(1, first, seen), z_BKZ.device()),
                    written.lengths_BU.narrow(1, first, seen),
                    controls_BUC.narrow(1, first, seen)};
  const auto z_BVZ = torch::constant_pad_nd(z_BKZ.narrow(1, first, seen - 1), {0, 0, 0, 1});
  const auto songs_N = wanted_B.nonzero().squeeze(1);
  const auto places_N = send(songs_N * seen + (seen - 1), z_BKZ.device());
  std::vector<BarId> bars;
  for (std::int64_t i = 0; i < songs_N.size(0); ++i) {
    bars.push_back({songs_N.data_ptr<std::int64_t>()[i], bar});
  }
  if (bars.empty()) return;
  if (chain_) sampler.chain_bits(*chain_);
  writer_.sample_bars(of_bars(context(z_BVZ, batch), places_N), bars, sampler);
}

BarContext BarPriorImpl::context(const torch::Tensor& z_BUZ, const Batch& batch) {
  const auto input =
      torch::cat({earlier(z_BUZ, 1), earlier(z_BUZ, 2), batch.controls_BUC}, -1);
  const auto read_BUH = transformer_(input_(input));
  // A place stands for the bar before it, and the first place for none.
  const auto places_BKUU = torch::softmax(pointer_(read_BUH), -1);
  const auto bars_BKUU =
      torch::constant_pad_nd(places_BKUU.narrow(-1, 1, places_BKUU.size(-1) - 1), {0, 1});
  const auto chosen_NRF = attended_rows(config_, bars_BKUU, batch).flatten(0, 1);
  return writer_.context(read_BUH.flatten(0, 1), batch.controls_BUC.flatten(0, 1),
                         {.spans_NSF = torch::cat({chosen_NRF, places_like(chosen_NRF)}, -1)});
}

std::int64_t bar_prior_weights(const ModelConfig& config) {
  constexpr std::int64_t kWidening = 4;
  constexpr auto kHeads = CausalTransformerImpl::kHeads;
  const std::int64_t width = config.conductor.hidden, row = config.row_width;
  const auto head = 2 * CausalAttentionImpl::kHeadWidth * width + config.bars;
  const auto layer = kHeads * head + 2 * width * width + 2 * kWidening * width * width;
  const auto writer_inputs =
      (1 + kPointers) * row + RowPlaces::kPlaces + width + config.control_width;
  const StackSize writer{1, config.conductor.hidden};
  return input_width(config) * width + config.conductor.layers * layer + kPointers * head +
         state_weights(width, writer) + stack_weights(writer_inputs, writer, 1) + width * (row + kPointers) +
         row * row;
}

}  // namespace musicvae::models
