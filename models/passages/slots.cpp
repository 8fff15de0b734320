#include "models/passages/slots.hpp"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include <torch/utils.h>

#include "models/error.hpp"

namespace musicvae::models {
namespace {

void refuse_if_more(std::int64_t found, std::int64_t most, const char* what) {
  if (found <= most) return;
  throw ModelError("a passage has " + std::to_string(found) + " " + what + ", and the model " +
                   std::to_string(most));
}

/// Makes a dimension `size` long, by leaving out or adding zeros at its end.
torch::Tensor resized(const torch::Tensor& values, std::int64_t dimension, std::int64_t size) {
  const auto found = values.size(dimension);
  if (found >= size) return values.narrow(dimension, 0, size);
  std::vector<std::int64_t> padding(static_cast<std::size_t>(2 * (values.dim() - dimension)));
  padding.back() = size - found;
  return torch::constant_pad_nd(values, padding);
}

}  // namespace

Slots slots_of(const ModelConfig& config) {
  return {config.bars, config.rows_per_bar, config.row_width};
}

Slots slots_of(const ModelConfig& config, const Batch& batch) {
  const auto bars = (batch.lengths_BU > 0).sum(1).max().item<std::int64_t>();
  const auto rows = batch.lengths_BU.max().item<std::int64_t>();
  refuse_if_more(bars, config.bars, "bars");
  refuse_if_more(rows, config.rows_per_bar, "rows in a bar");
  return {bars, rows, config.row_width};
}

torch::Tensor rows_in_slots(const ModelConfig& config, const Batch& batch, const Slots& slots) {
  const auto numbers =
      config.row_kind == RowKind::kBits
          ? batch.rows
          : torch::one_hot(batch.rows, slots.width).to(batch.controls_BUC.scalar_type());
  const auto masked = numbers * batch.mask_BUR().unsqueeze(-1);
  return resized(resized(masked, 1, slots.bars), 2, slots.rows).flatten(1);
}

torch::Tensor logits_at_targets(const torch::Tensor& logits_BD, const Slots& slots,
                                const Batch& batch) {
  const auto logits_BURW = logits_BD.view({-1, slots.bars, slots.rows, slots.width});
  return batch.at_targets(
      resized(resized(logits_BURW, 1, batch.rows.size(1)), 2, batch.rows.size(2)));
}

void draw_independent_rows(RowSampler& sampler, const torch::Tensor& logits_BURW,
                           const torch::Tensor& present_BU) {
  const auto present = present_BU.to(torch::kCPU).contiguous();
  const auto bars_a_song = present.size(1);
  std::vector<BarId> bars;
  for (std::int64_t i = 0; i < present.numel(); ++i) {
    if (present.data_ptr<bool>()[i]) bars.push_back({i / bars_a_song, i % bars_a_song});
  }
  const auto index_N = present.flatten().nonzero().squeeze(1);
  const auto logits_NRW = logits_BURW.to(torch::kCPU).flatten(0, 1).index_select(0, index_N);
  for (std::int64_t row = 0; row < logits_NRW.size(1); ++row) {
    const auto open = sampler.unfinished(bars);
    if (open.empty()) break;
    sampler.next(select(bars, open), logits_NRW.select(1, row).index_select(0, index_tensor(open)));
  }
}

SlotWeightsImpl::SlotWeightsImpl(const ModelConfig& config, std::int64_t units, double stddev,
                                 torch::Generator generator)
    : slots_(slots_of(config)), weight_(torch::zeros({units, slots_.size()})) {
  if (generator.defined()) weight_.normal_(0, stddev, std::move(generator));
  register_parameter("weight", weight_);
}

torch::Tensor SlotWeightsImpl::of(const Slots& used) const {
  if (used.bars == slots_.bars && used.rows == slots_.rows) return weight_;
  return weight_.view({-1, slots_.bars, slots_.rows, slots_.width})
      .narrow(1, 0, used.bars)
      .narrow(2, 0, used.rows)
      .reshape({weight_.size(0), -1});
}

}  // namespace musicvae::models
