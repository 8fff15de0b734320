#include "models/families/bar_prior.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <vector>

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

/// Bars before two others that are compared, and powers of how alike they are: the eighth is near 0
/// unless the bars are the same but for a row or two.
constexpr std::int64_t kCompared = 2;
constexpr double kPowers[] = {1, 8};
constexpr std::int64_t kLikeness = kCompared * static_cast<std::int64_t>(std::size(kPowers));

int input_width(const ModelConfig& config) { return 2 * config.latent + config.control_width; }

/// The LSTM that writes rows is as wide as the transformer.
ModelConfig writer_config(ModelConfig config) {
  config.decoder = {1, config.conductor.hidden};
  return config;
}

BarDecoderInputs writer_inputs(const ModelConfig& config) {
  return {
      .embedding = config.conductor.hidden,
      .features = static_cast<int>(kPointers * (config.row_width + kLikeness) + RowPlaces::kPlaces),
      .copies = static_cast<int>(kPointers)};
}

/// The values of `bars` bars before, and zeros where there are none.
torch::Tensor earlier(const torch::Tensor& values_BUD, std::int64_t bars) {
  const auto kept = std::max<std::int64_t>(values_BUD.size(1) - bars, 0);
  return torch::constant_pad_nd(values_BUD.narrow(1, 0, kept),
                                {0, 0, values_BUD.size(1) - kept, 0});
}

/// How alike the bars before bar u and those before the bar of place v are: [B, U, U, kLikeness].
torch::Tensor likeness_before(const torch::Tensor& likeness_BUU) {
  const auto bars = likeness_BUU.size(1);
  std::vector<torch::Tensor> features;
  for (std::int64_t back = 1; back <= kCompared; ++back) {
    // Bars u - back and v - 1 - back.
    const auto rows = std::max<std::int64_t>(bars - back, 0);
    const auto columns = std::max<std::int64_t>(bars - 1 - back, 0);
    const auto alike_BUU = torch::constant_pad_nd(
        likeness_BUU.narrow(1, 0, rows).narrow(2, 0, columns), {bars - columns, 0, bars - rows, 0});
    for (const double power : kPowers) features.push_back(alike_BUU.pow(power));
  }
  return torch::stack(features, -1);
}

/// Where in the bar each of its rows lies, for N bars: [N, R, kPlaces].
torch::Tensor places_like(const torch::Tensor& rows_NRF) {
  const auto rows = rows_NRF.size(1);
  const auto place_R = torch::arange(rows, torch::kLong) % RowPlaces::kPlaces;
  return torch::one_hot(place_R, RowPlaces::kPlaces)
      .to(rows_NRF.options())
      .expand({rows_NRF.size(0), -1, -1});
}

/// The values of each bar [B, U, F] beside each of its rows: [N, R, F].
torch::Tensor for_each_row(const torch::Tensor& values_BUF, const torch::Tensor& rows_NRF) {
  return values_BUF.flatten(0, 1).unsqueeze(1).expand({-1, rows_NRF.size(1), -1});
}

}  // namespace

BarPriorImpl::BarPriorImpl(const ModelConfig& config, torch::Generator generator)
    : config_(config),
      // Layers look back one after the other. The first reads two bars before, and a chosen bar is
      // compared by two bars before it.
      reach_((config.conductor.layers + 1) * (std::int64_t{config.bars} - 1) + 1 + kCompared),
      input_(input_width(config), config.conductor.hidden, 1 / std::sqrt(input_width(config)),
             generator),
      transformer_(config.conductor, config.bars, generator),
      pointer_(config.conductor.hidden, config.bars, kPointers, generator),
      writer_(*this, writer_config(config), writer_inputs(config), generator) {
  register_module("input", input_);
  register_module("transformer", transformer_);
  register_module("pointer", pointer_);
  likeness_ = register_parameter("likeness", torch::full({kPointers, kLikeness}, 0.5));
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
                    written.lengths_BU.narrow(1, first, seen), controls_BUC.narrow(1, first, seen)};
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
  const auto input = torch::cat({earlier(z_BUZ, 1), earlier(z_BUZ, 2), batch.controls_BUC}, -1);
  const auto read_BUH = transformer_(input_(input));
  // A place stands for the bar before it, and the first place for none.
  const auto alike_BUUL = likeness_before(likeness_BUU(config_, batch)).to(read_BUH.scalar_type());
  const auto alike_BKUU = torch::matmul(alike_BUUL, likeness_.t()).permute({0, 3, 1, 2});
  const auto places_BKUU = torch::softmax(pointer_(read_BUH) + alike_BKUU, -1);
  const auto found_BUF = torch::matmul(places_BKUU.permute({0, 2, 1, 3}), alike_BUUL).flatten(2);
  const auto bars_BKUU =
      torch::constant_pad_nd(places_BKUU.narrow(-1, 1, places_BKUU.size(-1) - 1), {0, 1});
  const auto chosen_NRF = attended_rows(config_, bars_BKUU, batch).flatten(0, 1);
  return writer_.context(
      read_BUH.flatten(0, 1), batch.controls_BUC.flatten(0, 1),
      {.spans_NSF = torch::cat(
           {chosen_NRF, places_like(chosen_NRF), for_each_row(found_BUF, chosen_NRF)}, -1)});
}

std::int64_t bar_prior_weights(const ModelConfig& config) {
  constexpr std::int64_t kWidening = 4;
  constexpr auto kHeads = CausalTransformerImpl::kHeads;
  const std::int64_t width = config.conductor.hidden, row = config.row_width;
  const auto head = 2 * CausalAttentionImpl::kHeadWidth * width + config.bars;
  const auto layer = kHeads * head + 2 * width * width + 2 * kWidening * width * width;
  const auto writer_inputs = (1 + kPointers) * row + kPointers * kLikeness + RowPlaces::kPlaces +
                             width + config.control_width;
  const StackSize writer{1, config.conductor.hidden};
  return input_width(config) * width + config.conductor.layers * layer + kPointers * head +
         state_weights(width, writer) + stack_weights(writer_inputs, writer, 1) +
         width * (row + kPointers) + row * row;
}

}  // namespace musicvae::models
