#pragma once

#include <vector>

#include <torch/nn/module.h>
#include <torch/nn/modules/normalization.h>
#include <torch/nn/pimpl.h>
#include <torch/types.h>

#include "models/layers/bar_attention.hpp"
#include "models/layers/dense.hpp"

namespace musicvae::models {

/// A transformer layer: attention to all present bars, then two dense layers. Each of the two parts
/// normalises its input and adds its output to it (Xiong et al. 2020).
class ConnectorLayerImpl : public torch::nn::Module {
 public:
  /// For passages of up to `bars` bars.
  ConnectorLayerImpl(int bars, torch::Generator generator);

  static constexpr std::int64_t kWidth = BarAttentionImpl::kHeads * BarAttentionImpl::kHeadWidth;

  torch::Tensor forward(const torch::Tensor& x_BUD, const torch::Tensor& present_BU);

 private:
  torch::nn::LayerNorm attention_norm_;
  BarAttention attention_;
  Dense value_, joined_;
  torch::nn::LayerNorm dense_norm_;
  Dense wide_, narrow_;
};
TORCH_MODULE(ConnectorLayer);

/// A transformer encoder over bars, as SketchNet's connector (Chen et al. 2020), with four layers
/// of four heads and without dropout. Positions enter as the distances between bars.
class BarConnectorImpl : public torch::nn::Module {
 public:
  /// Maps `inputs` features of each bar to `outputs`. Passages have up to `bars` bars.
  BarConnectorImpl(int bars, int inputs, int outputs, torch::Generator generator);

  /// [B, U, inputs] to [B, U, outputs]; bars where `present_BU` (bool) is false get no attention.
  torch::Tensor forward(const torch::Tensor& features_BUF, const torch::Tensor& present_BU);

 private:
  Dense input_;
  std::vector<ConnectorLayer> layers_;
  torch::nn::LayerNorm norm_;
  Dense output_;
};
TORCH_MODULE(BarConnector);

}  // namespace musicvae::models
