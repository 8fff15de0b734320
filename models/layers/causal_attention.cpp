#include "models/layers/causal_attention.hpp"

#include <cmath>
#include <limits>
#include <utility>

#include <torch/utils.h>

namespace musicvae::models {

CausalAttentionImpl::CausalAttentionImpl(std::int64_t width, std::int64_t window,
                                         std::int64_t heads, torch::Generator generator)
    : heads_(heads),
      query_(width, heads * kHeadWidth, 1 / std::sqrt(double(width)), generator),
      key_(width, heads * kHeadWidth, 1 / std::sqrt(double(width)), generator) {
  register_module("query", query_);
  register_module("key", key_);
  // Heads begin by looking at different distances, so that they do not all learn the same.
  distance_ = torch::empty({heads, window});
  if (generator.defined()) distance_.normal_(0, 1, std::move(generator));
  register_parameter("distance", distance_);
}

torch::Tensor CausalAttentionImpl::forward(const torch::Tensor& bars_BUD) {
  const auto queries_BKUD = split_into_heads(query_(bars_BUD), heads_);
  const auto keys_BKUD = split_into_heads(key_(bars_BUD), heads_);
  const auto scores_BKUU =
      torch::matmul(queries_BKUD, keys_BKUD.transpose(2, 3)) / std::sqrt(double(kHeadWidth));
  return scores_BKUU + distance_scores(bars_BUD.size(1));
}

/// [heads, U, U]: minus infinity where a bar must not look.
torch::Tensor CausalAttentionImpl::distance_scores(std::int64_t bars) const {
  const auto bar_U = torch::arange(bars, distance_.options().dtype(torch::kLong));
  const auto back_UU = bar_U.unsqueeze(1) - bar_U.unsqueeze(0);
  const auto window = distance_.size(1);
  const auto scores_KUU =
      distance_.index_select(1, back_UU.clamp(0, window - 1).flatten()).view({heads_, bars, bars});
  return scores_KUU.masked_fill((back_UU < 0) | (back_UU >= window),
                                -std::numeric_limits<double>::infinity());
}

torch::Tensor split_into_heads(const torch::Tensor& joined_BUD, std::int64_t heads) {
  return joined_BUD.view({joined_BUD.size(0), joined_BUD.size(1), heads, -1}).transpose(1, 2);
}

}  // namespace musicvae::models
