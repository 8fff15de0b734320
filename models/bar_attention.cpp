#include "models/bar_attention.hpp"

#include <cmath>
#include <limits>
#include <utility>

namespace musicvae::models {
namespace {

/// [B, U, heads * D] to [B, heads, U, D].
torch::Tensor split_heads(const torch::Tensor& joined_BUD) {
  return joined_BUD
      .view({joined_BUD.size(0), joined_BUD.size(1), BarAttentionImpl::kHeads,
             BarAttentionImpl::kHeadWidth})
      .transpose(1, 2);
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
                                   std::int64_t bars, torch::Generator generator)
    : bars_(bars),
      query_(query_width, kHeads * kHeadWidth, 1 / std::sqrt(double(query_width)), generator),
      key_(key_width, kHeads * kHeadWidth, 1 / std::sqrt(double(key_width)), generator) {
  register_module("query", query_);
  register_module("key", key_);
  // Heads begin by looking at different distances, so that they do not all learn the same.
  distance_ =
      register_parameter("distance", torch::randn({kHeads, 2 * bars - 1}, std::move(generator)));
  nothing_ = register_parameter("nothing", torch::zeros({kHeads}));
}

torch::Tensor BarAttentionImpl::forward(const torch::Tensor& queries_BUD,
                                        const torch::Tensor& keys_BUD,
                                        const torch::Tensor& known_BU) {
  const auto bars = queries_BUD.size(1);
  const auto products_BKUU =
      torch::matmul(split_heads(query_(queries_BUD)), split_heads(key_(keys_BUD)).transpose(2, 3));
  const auto scores_BKUU = (products_BKUU / std::sqrt(double(kHeadWidth)) + distances(bars))
                               .masked_fill(known_BU.logical_not().unsqueeze(1).unsqueeze(1),
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
      .view({songs, BarAttentionImpl::kHeads, bars, row_slots, config.row_width})
      .permute({0, 2, 3, 1, 4})
      .flatten(3);
}

}  // namespace musicvae::models
