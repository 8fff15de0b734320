#pragma once

#include <cstdint>

#include <torch/nn/module.h>
#include <torch/nn/pimpl.h>
#include <torch/types.h>

#include "models/layers/dense.hpp"

namespace musicvae::models {

/// Multi-head attention from each bar to itself and to bars before it, never to later ones (Vaswani
/// et al. 2017). A bar sees `window` bars, and heads learn which distances to prefer
/// (Shaw et al. 2018), so music may be longer than what the model was trained on.
class CausalAttentionImpl : public torch::nn::Module {
 public:
  CausalAttentionImpl(std::int64_t width, std::int64_t window, std::int64_t heads,
                      torch::Generator generator);

  static constexpr std::int64_t kHeadWidth = 64;

  /// How much bar u looks at bar v, as logits over v, [B, heads, U, U]. They depend on bars up to u
  /// alone, and are minus infinity where v > u or v <= u - window.
  torch::Tensor forward(const torch::Tensor& bars_BUD);

 private:
  torch::Tensor distance_scores(std::int64_t bars) const;

  std::int64_t heads_;
  Dense query_, key_;
  torch::Tensor distance_;  // [heads, window]: scores of bars so far back.
};
TORCH_MODULE(CausalAttention);

/// Sizes [B, U, heads * D] as [B, heads, U, D].
torch::Tensor split_into_heads(const torch::Tensor& joined_BUD, std::int64_t heads);

}  // namespace musicvae::models
