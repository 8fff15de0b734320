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

/// Bars that a bar looks at row by row, each chosen by a head.
constexpr std::int64_t kPointers = 2;

/// Where bars beside two others lie that are compared, and powers of how alike they are: the eighth
/// is near 0 unless the bars are the same but for a row or two.
constexpr std::int64_t kCompared[] = {-1, -2, -3, -4, 1, 2, 3, 4};
constexpr std::int64_t kComparedBefore = 4;
constexpr double kPowers[] = {1, 8};
constexpr std::int64_t kLikeness = std::ssize(kCompared) * std::ssize(kPowers);

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

/// Values [B, U, U] with the value of [u + rows, v + columns] at [u, v], and 0 beyond the ends.
torch::Tensor shifted(const torch::Tensor& values_BUU, std::int64_t rows, std::int64_t columns) {
  const auto fitting = [](std::int64_t shift, std::int64_t size) {
    return std::clamp(shift, -size, size);
  };
  rows = fitting(rows, values_BUU.size(1));
  columns = fitting(columns, values_BUU.size(2));
  return torch::constant_pad_nd(values_BUU, {-columns, columns, -rows, rows});
}

/// Whether bar u may see bar v: [B, U, U]. It sees bars before it, and those that are known.
torch::Tensor seen_BUU(const torch::Tensor& known_BU) {
  const auto before_UU =
      torch::ones({known_BU.size(1), known_BU.size(1)}, known_BU.options()).tril(-1);
  return known_BU.unsqueeze(1) | before_UU;
}

/// How alike the bars beside bar u and those beside bar v are: [B, U, U, kLikeness]. Bars that bar
/// u may not see are like none.
torch::Tensor likeness_beside(const torch::Tensor& likeness_BUU, const torch::Tensor& known_BU) {
  const auto seen = seen_BUU(known_BU).to(likeness_BUU.scalar_type());
  std::vector<torch::Tensor> features;
  for (const std::int64_t beside : kCompared) {
    // Bar u sees those before it; those after it must be known.
    const auto own_BU1 = beside < 0 ? torch::ones_like(known_BU).unsqueeze(-1)
                                    : shifted(known_BU.unsqueeze(-1), beside, 0);
    const auto alike_BUU = shifted(likeness_BUU, beside, beside) * shifted(seen, 0, beside) *
                           own_BU1.to(likeness_BUU.scalar_type());
    for (const double power : kPowers) features.push_back(alike_BUU.pow(power));
  }
  return torch::stack(features, -1);
}

/// The bars that need not be found: bool [B, U], on the device of the rows. Where no bar is
/// missing, all are to be found.
torch::Tensor known_bars(const Batch& batch) {
  const auto known = batch.missing_BU.defined() ? batch.known_lengths_BU() > 0
                                                : torch::zeros_like(batch.lengths_BU) > 0;
  return send(known, batch.rows.device());
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
      // compared by bars before it.
      reach_((config.conductor.layers + 1) * (std::int64_t{config.bars} - 1) + 1 + kComparedBefore),
      input_(input_width(config), config.conductor.hidden, 1 / std::sqrt(input_width(config)),
             generator),
      transformer_(config.conductor, config.bars, generator),
      pointer_(config.conductor.hidden, config.bars, kPointers, generator),
      later_(config.conductor.hidden, config.latent, config.bars, kPointers, generator),
      writer_(*this, writer_config(config), writer_inputs(config), generator) {
  register_module("input", input_);
  register_module("transformer", transformer_);
  register_module("pointer", pointer_);
  register_module("later", later_);
  likeness_ = register_parameter("likeness", torch::full({kPointers, kLikeness}, 0.5));
  if (config.row_kind == RowKind::kBits) {
    chain_ = register_module("chain", BitChain(config.row_width));
  }
}

torch::Tensor BarPriorImpl::logits_PW(const torch::Tensor& z_BUZ, const Batch& batch) {
  const auto targets_N = target_bars(batch);
  const auto told = of_bars(context(z_BUZ, batch), send(targets_N, z_BUZ.device()));
  const auto logits = writer_.decode_bars(told, targets_N, batch, {});
  return chain_ ? chain_(logits, batch.at_targets(batch.rows)) : logits;
}

torch::Tensor BarPriorImpl::bar_loss_BU(const torch::Tensor& z_BUZ, const Batch& batch) {
  const auto loss_P =
      row_loss(config_.row_kind, logits_PW(z_BUZ, batch), batch.at_targets(batch.rows));
  return batch.with_targets(loss_P.new_zeros(batch.rows.sizes().slice(0, 3)), loss_P).sum(-1);
}

void BarPriorImpl::write(std::int64_t bar, const torch::Tensor& z_BUZ, const Batch& batch,
                         const torch::Tensor& wanted_B, RowSampler& sampler) {
  const auto songs_N = wanted_B.nonzero().squeeze(1);
  std::vector<BarId> bars;
  for (std::int64_t i = 0; i < songs_N.size(0); ++i) {
    bars.push_back({songs_N.data_ptr<std::int64_t>()[i], bar});
  }
  if (bars.empty()) return;
  const auto first = std::max<std::int64_t>(bar - reach_, 0);
  const auto later = batch.missing_BU.slice(1, bar + 1).logical_not().any().item<bool>();
  const auto end = later ? std::min(batch.missing_BU.size(1), bar + config_.bars) : bar + 1;
  const auto& written = sampler.generated();
  Batch view{send(written.rows.slice(1, first, end), z_BUZ.device()),
             written.lengths_BU.slice(1, first, end), batch.controls_BUC.slice(1, first, end)};
  view.missing_BU = batch.missing_BU.slice(1, first, end);
  const auto places_N = send(songs_N * (end - first) + (bar - first), z_BUZ.device());
  if (chain_) sampler.chain_bits(*chain_);
  writer_.sample_bars(of_bars(context(z_BUZ.slice(1, first, end), view), places_N), bars, sampler);
}

torch::Tensor BarPriorImpl::pointed_BKUU(const torch::Tensor& read_BUH, const torch::Tensor& z_BUZ,
                                         const torch::Tensor& alike_BUUL,
                                         const torch::Tensor& known_BU) {
  const auto bars = read_BUH.size(1);
  const auto alike_BKUU = torch::matmul(alike_BUUL, likeness_.t()).permute({0, 3, 1, 2});
  // A place stands for the bar before it, and the first place for none.
  const auto places_BKUU =
      pointer_(read_BUH) + torch::constant_pad_nd(alike_BKUU.narrow(-1, 0, bars - 1), {1, 0});
  const auto later_BKUU = later_->scores(read_BUH, z_BUZ, known_BU) + alike_BKUU;
  const auto weights = torch::softmax(torch::cat({places_BKUU, later_BKUU}, -1), -1);
  return torch::constant_pad_nd(weights.narrow(-1, 1, bars - 1), {0, 1}) +
         weights.narrow(-1, bars, bars);
}

BarContext BarPriorImpl::context(const torch::Tensor& z_BUZ, const Batch& batch) {
  const auto known_BU = known_bars(batch);
  Batch all = batch;
  all.missing_BU = torch::Tensor();
  const auto input = torch::cat({earlier(z_BUZ, 1), earlier(z_BUZ, 2), batch.controls_BUC}, -1);
  const auto read_BUH = transformer_(input_(input)) + later_->goals(z_BUZ, known_BU);
  const auto alike_BUUL =
      likeness_beside(likeness_BUU(config_, all), known_BU).to(read_BUH.scalar_type());
  const auto bars_BKUU = pointed_BKUU(read_BUH, z_BUZ, alike_BUUL, known_BU);
  const auto found_BUF = torch::matmul(bars_BKUU.permute({0, 2, 1, 3}), alike_BUUL).flatten(2);
  const auto chosen_NRF = attended_rows(config_, bars_BKUU, all).flatten(0, 1);
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
         later_bars_weights(width, config.latent, config.bars, kPointers) +
         state_weights(width, writer) + stack_weights(writer_inputs, writer, 1) +
         width * (row + kPointers) + row * row;
}

}  // namespace musicvae::models
