#include "models/layers/timeline.hpp"

#include "models/runtime/transfer.hpp"

namespace musicvae::models {
namespace {

/// source [B, N, ...], index [B, M] -> [B, M, ...].
torch::Tensor take_rows(const torch::Tensor& source, const torch::Tensor& index_BM) {
  auto index = index_BM;
  auto sizes = source.sizes().vec();
  sizes[1] = index_BM.size(1);
  while (index.dim() < source.dim()) index = index.unsqueeze(-1);
  return source.gather(1, index.expand(sizes));
}

}  // namespace

Timeline::Timeline(const Batch& batch) : lengths_B_(batch.lengths_BU.sum(1)) {
  const auto& lengths_BU = batch.lengths_BU;
  const auto device = batch.rows.device();
  const auto bars = batch.rows.size(1);
  const auto row_slots = batch.rows.size(2);
  const auto steps_T = torch::arange(lengths_B_.max().item<std::int64_t>(), lengths_BU.options());
  const auto ends_BU = lengths_BU.cumsum(1);
  const auto starts_BU = ends_BU - lengths_BU;
  const auto bar_BT = (steps_T >= ends_BU.unsqueeze(-1)).sum(1).clamp_max(bars - 1);
  const auto row_in_bar_BT = (steps_T - starts_BU.gather(1, bar_BT)).clamp_max(row_slots - 1);
  bar_BT_ = send(bar_BT, device);
  row_BT_ = send(bar_BT * row_slots + row_in_bar_BT, device);
}

torch::Tensor Timeline::rows(const torch::Tensor& bars) const {
  return take_rows(bars.flatten(1, 2), row_BT_);
}

torch::Tensor Timeline::repeat_per_row(const torch::Tensor& values_BUC) const {
  return take_rows(values_BUC, bar_BT_);
}

}  // namespace musicvae::models
