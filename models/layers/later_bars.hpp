#pragma once

#include <cstdint>

#include <torch/nn/module.h>
#include <torch/nn/pimpl.h>
#include <torch/types.h>

#include "models/layers/dense.hpp"

namespace musicvae::models {

/// What a bar that is to be written hears of bars that come later and are known, as those after a
/// gap. Where none is known it hears nothing, and nothing changes.
class LaterBarsImpl : public torch::nn::Module {
 public:
  /// `width` is that of the vectors that stand for bars to be written. Each sees the later bars
  /// that are less than `window` bars away.
  LaterBarsImpl(std::int64_t width, std::int64_t latent, std::int64_t window, std::int64_t heads,
                torch::Generator generator);

  /// Where each bar's music is to lead, [B, U, width]: from the latents of the first two known bars
  /// after it, and from how far away they are. `known_BU` is bool. At first all is 0.
  torch::Tensor goals(const torch::Tensor& z_BUZ, const torch::Tensor& known_BU);

  /// How much bar u looks at bar v, as logits over v, [B, heads, U, U]: minus infinity unless v is
  /// known and comes after u.
  torch::Tensor scores(const torch::Tensor& bars_BUD, const torch::Tensor& z_BUZ,
                       const torch::Tensor& known_BU);

 private:
  std::int64_t heads_, window_;
  Dense narrow_, widen_;
  Dense query_, key_;
  torch::Tensor distance_;  // [heads, window]: scores of bars so far ahead.
};
TORCH_MODULE(LaterBars);

/// An estimate of its weights.
std::int64_t later_bars_weights(std::int64_t width, std::int64_t latent, std::int64_t window,
                                std::int64_t heads);

}  // namespace musicvae::models
