#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include <torch/nn/module.h>
#include <torch/nn/pimpl.h>
#include <torch/types.h>

#include "models/config.hpp"
#include "models/layers/causal_attention.hpp"
#include "models/layers/dense.hpp"

namespace musicvae::models {

/// Layer normalisation over the last dimension (Ba et al. 2016).
class LayerNormImpl : public torch::nn::Module {
 public:
  explicit LayerNormImpl(std::int64_t width);

  torch::Tensor forward(const torch::Tensor& x) const;

 private:
  torch::Tensor weight_, bias_;
};
TORCH_MODULE(LayerNorm);

/// One layer: attention, then two dense layers with a SiLU between them, each added to what it
/// reads the normalised form of.
class TransformerBlockImpl : public torch::nn::Module {
 public:
  /// `branch_stddev` is the standard deviation of the weights that lead back into the sum.
  TransformerBlockImpl(std::int64_t width, std::int64_t window, double branch_stddev,
                       torch::Generator generator);

  torch::Tensor forward(const torch::Tensor& bars_BUD);

 private:
  LayerNorm attention_norm_, dense_norm_;
  CausalAttention attention_;
  Dense value_, output_, widen_, narrow_;
};
TORCH_MODULE(TransformerBlock);

/// A transformer over bars in which a bar sees itself and bars before it (Vaswani et al. 2017, with
/// the normalisation first as in Radford et al. 2019).
class CausalTransformerImpl : public torch::nn::Module {
 public:
  static constexpr std::int64_t kHeads = 4;

  /// Each layer sees `window` bars. The width must be a multiple of kHeads.
  CausalTransformerImpl(const StackSize& size, std::int64_t window, torch::Generator generator);

  /// [B, U, width] to the same size, normalised.
  torch::Tensor forward(const torch::Tensor& bars_BUD);

 private:
  std::vector<TransformerBlock> blocks_;
  LayerNorm norm_;
};
TORCH_MODULE(CausalTransformer);

}  // namespace musicvae::models
