#include "models/bar_connector.hpp"

#include <cmath>
#include <limits>
#include <string>
#include <utility>

namespace musicvae::models {
namespace {

constexpr int kLayers = 4;
constexpr std::int64_t kWidth = ConnectorLayerImpl::kWidth;
constexpr std::int64_t kHeads = ConnectorLayerImpl::kHeads;

torch::nn::LayerNorm make_norm() {
  return torch::nn::LayerNorm(torch::nn::LayerNormOptions({kWidth}));
}

Dense make_dense(torch::Generator generator) {
  return make_output_layer(kWidth, kWidth, std::move(generator));
}

/// [B, U, heads * D] to [B, heads, U, D].
torch::Tensor split_heads(const torch::Tensor& joined_BUD) {
  return joined_BUD.view({joined_BUD.size(0), joined_BUD.size(1), kHeads, kWidth / kHeads})
      .transpose(1, 2);
}

}  // namespace

ConnectorLayerImpl::ConnectorLayerImpl(torch::Generator generator)
    : attention_norm_(make_norm()),
      query_(make_dense(generator)),
      key_(make_dense(generator)),
      value_(make_dense(generator)),
      joined_(make_dense(generator)),
      dense_norm_(make_norm()),
      wide_(make_output_layer(kWidth, 2 * kWidth, generator)),
      narrow_(make_output_layer(2 * kWidth, kWidth, generator)) {
  register_module("attention_norm", attention_norm_);
  register_module("query", query_);
  register_module("key", key_);
  register_module("value", value_);
  register_module("joined", joined_);
  register_module("dense_norm", dense_norm_);
  register_module("wide", wide_);
  register_module("narrow", narrow_);
}

torch::Tensor ConnectorLayerImpl::forward(const torch::Tensor& x_BUD,
                                          const torch::Tensor& present_BU) {
  const auto seen_BUD = x_BUD + attend(attention_norm_(x_BUD), present_BU);
  return seen_BUD + narrow_(torch::relu(wide_(dense_norm_(seen_BUD))));
}

torch::Tensor ConnectorLayerImpl::attend(const torch::Tensor& x_BUD,
                                         const torch::Tensor& present_BU) {
  const auto products_BKUU =
      torch::matmul(split_heads(query_(x_BUD)), split_heads(key_(x_BUD)).transpose(2, 3));
  const auto scores_BKUU = (products_BKUU / std::sqrt(double(kWidth / kHeads)))
                               .masked_fill(present_BU.logical_not().unsqueeze(1).unsqueeze(1),
                                            -std::numeric_limits<double>::infinity());
  const auto seen_BKUD = torch::matmul(torch::softmax(scores_BKUU, -1), split_heads(value_(x_BUD)));
  return joined_(seen_BKUD.transpose(1, 2).flatten(2));
}

BarConnectorImpl::BarConnectorImpl(int bars, int inputs, int outputs, torch::Generator generator)
    : input_(make_output_layer(inputs, kWidth, generator)),
      norm_(make_norm()),
      output_(make_output_layer(kWidth, outputs, generator)) {
  register_module("input", input_);
  place_ = register_parameter("place", torch::randn({bars, kWidth}, generator));
  for (int layer = 0; layer < kLayers; ++layer) {
    layers_.emplace_back(generator);
    register_module("layer" + std::to_string(layer), layers_.back());
  }
  register_module("norm", norm_);
  register_module("output", output_);
}

torch::Tensor BarConnectorImpl::forward(const torch::Tensor& features_BUF,
                                        const torch::Tensor& present_BU) {
  auto x_BUD = input_(features_BUF) + place_.narrow(0, 0, features_BUF.size(1));
  for (auto& layer : layers_) x_BUD = layer(x_BUD, present_BU);
  return output_(norm_(x_BUD));
}

}  // namespace musicvae::models
