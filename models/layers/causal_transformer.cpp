#include "models/layers/causal_transformer.hpp"

#include <cmath>
#include <string>

#include <torch/utils.h>

namespace musicvae::models {
namespace {

/// The dense layers between are so many times as wide.
constexpr std::int64_t kWidening = 4;

constexpr auto kHeads = CausalTransformerImpl::kHeads;

double unit_stddev(std::int64_t inputs) { return 1 / std::sqrt(double(inputs)); }

}  // namespace

LayerNormImpl::LayerNormImpl(std::int64_t width)
    : weight_(register_parameter("weight", torch::ones({width}))),
      bias_(register_parameter("bias", torch::zeros({width}))) {}

torch::Tensor LayerNormImpl::forward(const torch::Tensor& x) const {
  return torch::layer_norm(x, weight_.sizes(), weight_, bias_);
}

TransformerBlockImpl::TransformerBlockImpl(std::int64_t width, std::int64_t window,
                                           double branch_stddev, torch::Generator generator)
    : attention_norm_(width),
      dense_norm_(width),
      attention_(width, window, kHeads, generator),
      value_(width, width, unit_stddev(width), generator),
      output_(width, width, branch_stddev, generator),
      widen_(width, kWidening * width, unit_stddev(width), generator),
      narrow_(kWidening * width, width, branch_stddev, generator) {
  register_module("attention_norm", attention_norm_);
  register_module("attention", attention_);
  register_module("value", value_);
  register_module("output", output_);
  register_module("dense_norm", dense_norm_);
  register_module("widen", widen_);
  register_module("narrow", narrow_);
}

torch::Tensor TransformerBlockImpl::forward(const torch::Tensor& bars_BUD) {
  const auto read_BUD = attention_norm_(bars_BUD);
  const auto values_BKUD = split_into_heads(value_(read_BUD), kHeads);
  const auto weights_BKUU = torch::softmax(attention_(read_BUD), -1);
  const auto seen_BUD = torch::matmul(weights_BKUU, values_BKUD).transpose(1, 2).flatten(2);
  const auto attended_BUD = bars_BUD + output_(seen_BUD);
  return attended_BUD + narrow_(torch::silu(widen_(dense_norm_(attended_BUD))));
}

CausalTransformerImpl::CausalTransformerImpl(const StackSize& size, std::int64_t window,
                                             torch::Generator generator)
    : norm_(size.hidden) {
  const double branch_stddev = unit_stddev(size.hidden) / std::sqrt(2.0 * size.layers);
  for (int layer = 0; layer < size.layers; ++layer) {
    blocks_.push_back(
        register_module("layer_" + std::to_string(layer),
                        TransformerBlock(size.hidden, window, branch_stddev, generator)));
  }
  register_module("norm", norm_);
}

torch::Tensor CausalTransformerImpl::forward(const torch::Tensor& bars_BUD) {
  auto read_BUD = bars_BUD;
  for (auto& block : blocks_) read_BUD = block(read_BUD);
  return norm_(read_BUD);
}

}  // namespace musicvae::models
