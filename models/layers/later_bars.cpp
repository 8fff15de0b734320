#include "models/layers/later_bars.hpp"

#include <cmath>
#include <limits>
#include <utility>
#include <vector>

#include <torch/utils.h>

#include "models/layers/causal_attention.hpp"

namespace musicvae::models {
namespace {

/// Known bars after a bar that say where its music leads.
constexpr std::int64_t kGoals = 2;

/// The width between the layers of goals().
constexpr std::int64_t kNarrow = 48;

constexpr auto kHeadWidth = CausalAttentionImpl::kHeadWidth;

double unit_stddev(std::int64_t inputs) { return 1 / std::sqrt(double(inputs)); }

/// How many bars before bar v bar u comes: [U, U].
torch::Tensor ahead_UU(std::int64_t bars, const torch::Device& device) {
  const auto bar_U = torch::arange(bars, torch::TensorOptions(device).dtype(torch::kLong));
  return bar_U.unsqueeze(0) - bar_U.unsqueeze(1);
}

/// Whether bar v is known, comes after bar u, and less than `window` bars after it: [B, U, U].
torch::Tensor within_reach_BUU(const torch::Tensor& known_BU, std::int64_t window) {
  const auto ahead = ahead_UU(known_BU.size(1), known_BU.device());
  return known_BU.unsqueeze(1) & (ahead > 0) & (ahead < window);
}

}  // namespace

LaterBarsImpl::LaterBarsImpl(std::int64_t width, std::int64_t latent, std::int64_t window,
                             std::int64_t heads, torch::Generator generator)
    : heads_(heads),
      window_(window),
      narrow_(kGoals * latent + window, kNarrow, unit_stddev(kGoals * latent + window), generator),
      widen_(kNarrow, width, 0, generator),
      query_(width, heads * kHeadWidth, unit_stddev(width), generator),
      key_(latent, heads * kHeadWidth, unit_stddev(latent), generator),
      distance_(register_parameter("distance", torch::zeros({heads, window}))) {
  register_module("narrow", narrow_);
  register_module("widen", widen_);
  register_module("query", query_);
  register_module("key", key_);
}

torch::Tensor LaterBarsImpl::goals(const torch::Tensor& z_BUZ, const torch::Tensor& known_BU) {
  const auto reach_BUU = within_reach_BUU(known_BU, window_);
  const auto rank_BUU = reach_BUU.to(torch::kLong).cumsum(-1);
  std::vector<torch::Tensor> heard;
  for (std::int64_t goal = 1; goal <= kGoals; ++goal) {
    const auto chosen_BUU = (reach_BUU & (rank_BUU == goal)).to(z_BUZ.scalar_type());
    heard.push_back(torch::matmul(chosen_BUU, z_BUZ));
    if (goal > 1) continue;
    const auto distances = ahead_UU(z_BUZ.size(1), z_BUZ.device()).clamp(0, window_ - 1);
    const auto one_hot_UUW = torch::one_hot(distances, window_).to(z_BUZ.scalar_type());
    heard.push_back((chosen_BUU.unsqueeze(-1) * one_hot_UUW).sum(2));
  }
  const auto any_BU1 = reach_BUU.any(-1, true).to(z_BUZ.scalar_type());
  return widen_(torch::silu(narrow_(torch::cat(heard, -1)))) * any_BU1;
}

torch::Tensor LaterBarsImpl::scores(const torch::Tensor& bars_BUD, const torch::Tensor& z_BUZ,
                                    const torch::Tensor& known_BU) {
  const auto bars = bars_BUD.size(1);
  const auto queries_BKUD = split_into_heads(query_(bars_BUD), heads_);
  const auto keys_BKUD = split_into_heads(key_(z_BUZ), heads_);
  const auto scores_BKUU =
      torch::matmul(queries_BKUD, keys_BKUD.transpose(2, 3)) / std::sqrt(double(kHeadWidth));
  const auto distances = ahead_UU(bars, distance_.device()).clamp(0, window_ - 1).flatten();
  const auto distance_KUU = distance_.index_select(1, distances).view({heads_, bars, bars});
  const auto unseen = within_reach_BUU(known_BU, window_).logical_not().unsqueeze(1);
  return (scores_BKUU + distance_KUU).masked_fill(unseen, -std::numeric_limits<double>::infinity());
}

std::int64_t later_bars_weights(std::int64_t width, std::int64_t latent, std::int64_t window,
                                std::int64_t heads) {
  return (kGoals * latent + window + width) * kNarrow +
         heads * (kHeadWidth * (width + latent) + window);
}

}  // namespace musicvae::models
