#include "models/layers/bar_connector.hpp"

#include <string>

namespace musicvae::models {
namespace {

constexpr int kLayers = 4;

torch::nn::LayerNorm make_norm() {
  return torch::nn::LayerNorm(torch::nn::LayerNormOptions({ConnectorLayerImpl::kWidth}));
}

}  // namespace

ConnectorLayerImpl::ConnectorLayerImpl(int bars, torch::Generator generator)
    : attention_norm_(make_norm()),
      attention_(kWidth, kWidth, bars, BarAttentionImpl::Neighbours::kIgnored, generator),
      value_(make_output_layer(kWidth, kWidth, generator)),
      joined_(make_output_layer(kWidth, kWidth, generator)),
      dense_norm_(make_norm()),
      wide_(make_output_layer(kWidth, 2 * kWidth, generator)),
      narrow_(make_output_layer(2 * kWidth, kWidth, generator)) {
  register_module("attention_norm", attention_norm_);
  register_module("attention", attention_);
  register_module("value", value_);
  register_module("joined", joined_);
  register_module("dense_norm", dense_norm_);
  register_module("wide", wide_);
  register_module("narrow", narrow_);
}

torch::Tensor ConnectorLayerImpl::forward(const torch::Tensor& x_BUD,
                                          const torch::Tensor& present_BU) {
  const auto asked_BUD = attention_norm_(x_BUD);
  const auto weights_BKUU = attention_(asked_BUD, asked_BUD, torch::Tensor(), present_BU);
  const auto seen_BUD = x_BUD + joined_(attended(weights_BKUU, value_(asked_BUD)));
  return seen_BUD + narrow_(torch::relu(wide_(dense_norm_(seen_BUD))));
}

BarConnectorImpl::BarConnectorImpl(int bars, int inputs, int outputs, torch::Generator generator)
    : input_(make_output_layer(inputs, ConnectorLayerImpl::kWidth, generator)),
      norm_(make_norm()),
      output_(make_output_layer(ConnectorLayerImpl::kWidth, outputs, generator)) {
  register_module("input", input_);
  for (int layer = 0; layer < kLayers; ++layer) {
    layers_.emplace_back(bars, generator);
    register_module("layer" + std::to_string(layer), layers_.back());
  }
  register_module("norm", norm_);
  register_module("output", output_);
}

torch::Tensor BarConnectorImpl::forward(const torch::Tensor& features_BUF,
                                        const torch::Tensor& present_BU) {
  auto x_BUD = input_(features_BUF);
  for (auto& layer : layers_) x_BUD = layer(x_BUD, present_BU);
  return output_(norm_(x_BUD));
}

}  // namespace musicvae::models
