#include "models/layers/bar_attention.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <utility>
#include <vector>

#include "models/layers/rows.hpp"
#include "models/runtime/transfer.hpp"

namespace musicvae::models {
namespace {

/// [B, U, heads * D] to [B, heads, U, D].
torch::Tensor split_heads(const torch::Tensor& joined_BUD) {
  return joined_BUD
      .view({joined_BUD.size(0), joined_BUD.size(1), BarAttentionImpl::kHeads,
             BarAttentionImpl::kHeadWidth})
      .transpose(1, 2);
}

/// Neighbours up to this many bars before and after are compared.
constexpr std::int64_t kReach = 4;
constexpr std::int64_t kNeighbourFeatures = 3 * 2 * kReach;

/// Shifts values [B, U, U]: [u, v] gets the value at [u + d, v + d], or 0 beyond the ends.
torch::Tensor along_diagonal(const torch::Tensor& values_BUU, std::int64_t d) {
  const auto bars = values_BUU.size(1);
  auto moved = torch::zeros_like(values_BUU);
  const auto count = bars - std::abs(d);
  if (count <= 0) return moved;
  const auto from = std::max<std::int64_t>(d, 0), to = std::max<std::int64_t>(-d, 0);
  moved.narrow(1, to, count)
      .narrow(2, to, count)
      .copy_(values_BUU.narrow(1, from, count).narrow(2, from, count));
  return moved;
}

/// Features [B, F, U, U] of each two bars u and v. For each distance d they tell how like the
/// neighbours u + d and v + d are, whether these are the same bar, and whether both are known.
torch::Tensor neighbours_BFUU(const torch::Tensor& likeness_BUU, const torch::Tensor& known_BU) {
  const auto both = known_BU.unsqueeze(1).logical_and(known_BU.unsqueeze(2)).to(likeness_BUU);
  std::vector<torch::Tensor> features;
  for (const auto& values : {likeness_BUU, likeness_BUU.pow(8), both}) {
    for (std::int64_t d = 1; d <= kReach; ++d) {
      features.push_back(along_diagonal(values, -d));
      features.push_back(along_diagonal(values, d));
    }
  }
  return torch::stack(features, 1);
}

/// Known rows as vectors [B, U, R, W]; zeros elsewhere.
torch::Tensor row_vectors(const ModelConfig& config, const Batch& batch, torch::Dtype type) {
  const auto known = batch.rows_within(batch.known_lengths_BU()).unsqueeze(-1);
  const bool tokens = config.row_kind == RowKind::kTokens;
  const auto vectors = tokens ? torch::one_hot(batch.rows, config.row_width) : batch.rows;
  return vectors.to(type) * known.to(type);
}

}  // namespace

BarAttentionImpl::BarAttentionImpl(std::int64_t query_width, std::int64_t key_width,
                                   std::int64_t bars, Neighbours neighbours,
                                   torch::Generator generator)
    : bars_(bars),
      query_(query_width, kHeads * kHeadWidth, 1 / std::sqrt(double(query_width)), generator),
      key_(key_width, kHeads * kHeadWidth, 1 / std::sqrt(double(key_width)), generator) {
  register_module("query", query_);
  register_module("key", key_);
  // Heads begin by looking at different distances, so that they do not all learn the same.
  distance_ =
      register_parameter("distance", torch::randn({kHeads, 2 * bars - 1}, std::move(generator)));
  if (neighbours == Neighbours::kCompared) {
    neighbour_ = register_parameter("neighbour", torch::full({kHeads, kNeighbourFeatures}, 0.5));
  }
  nothing_ = register_parameter("nothing", torch::zeros({kHeads}));
}

torch::Tensor BarAttentionImpl::forward(const torch::Tensor& queries_BUD,
                                        const torch::Tensor& keys_BUD,
                                        const torch::Tensor& likeness_BUU,
                                        const torch::Tensor& known_BU) {
  const auto bars = queries_BUD.size(1);
  const auto products_BKUU =
      torch::matmul(split_heads(query_(queries_BUD)), split_heads(key_(keys_BUD)).transpose(2, 3));
  auto scores_BKUU = products_BKUU / std::sqrt(double(kHeadWidth)) + distances(bars);
  if (neighbour_.defined()) {
    const auto features_BUUF = neighbours_BFUU(likeness_BUU, known_BU).permute({0, 2, 3, 1});
    scores_BKUU = scores_BKUU + torch::matmul(features_BUUF, neighbour_.t()).permute({0, 3, 1, 2});
  }
  scores_BKUU = scores_BKUU.masked_fill(known_BU.logical_not().unsqueeze(1).unsqueeze(1),
                                        -std::numeric_limits<double>::infinity());
  const auto nothing_BKU1 =
      nothing_.view({1, kHeads, 1, 1}).expand({queries_BUD.size(0), kHeads, bars, 1});
  return torch::softmax(torch::cat({scores_BKUU, nothing_BKU1}, -1), -1).narrow(-1, 0, bars);
}

/// [heads, U, U].
torch::Tensor BarAttentionImpl::distances(std::int64_t bars) const {
  const auto bar_U = torch::arange(bars, distance_.options().dtype(torch::kLong));
  const auto index_UU =
      (bar_U.unsqueeze(0) - bar_U.unsqueeze(1) + (bars_ - 1)).clamp(0, 2 * (bars_ - 1));
  return distance_.index_select(1, index_UU.flatten()).view({kHeads, bars, bars});
}

torch::Tensor likeness_BUU(const ModelConfig& config, const Batch& batch) {
  const auto& lengths_BU = batch.known_lengths_BU();
  const auto known = batch.rows_within(lengths_BU);
  const auto both = known.unsqueeze(1).logical_and(known.unsqueeze(2));
  const auto same = rows_equal(config.row_kind, batch.rows.unsqueeze(1), batch.rows.unsqueeze(2))
                        .logical_and(both);
  const auto longer_BUU =
      torch::maximum(lengths_BU.unsqueeze(1), lengths_BU.unsqueeze(2)).clamp_min(1);
  return same.sum(-1) / send(longer_BUU, same.device()).to(batch.controls_BUC.scalar_type());
}

torch::Tensor attended(const torch::Tensor& weights_BKUU, const torch::Tensor& values_BUD) {
  return torch::matmul(weights_BKUU, split_heads(values_BUD)).transpose(1, 2).flatten(2);
}

torch::Tensor attended_rows(const ModelConfig& config, const torch::Tensor& weights_BKUU,
                            const Batch& batch) {
  const auto songs = batch.rows.size(0);
  const auto bars = batch.rows.size(1);
  const auto row_slots = batch.rows.size(2);
  const auto vectors = row_vectors(config, batch, weights_BKUU.scalar_type()).flatten(2);
  return torch::matmul(weights_BKUU.flatten(1, 2), vectors.view({songs, bars, -1}))
      .view({songs, weights_BKUU.size(1), bars, row_slots, config.row_width})
      .permute({0, 2, 3, 1, 4})
      .flatten(3);
}

}  // namespace musicvae::models
