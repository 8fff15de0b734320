#include "models/lstm/step_weights.hpp"

#include "models/lstm/layer_parts.hpp"
#include "models/runtime/own_kernels.hpp"

namespace musicvae::models {
namespace {

using torch::Tensor;

/// Sequences generated together; only the weights' layout depends on it.
constexpr std::int64_t kTypicalSequences = 16;

PackedMatrix pack(const Tensor& weight_FG, Factors factors) {
  return {view(weight_FG), weight_FG.size(0), weight_FG.size(1), kTypicalSequences, factors};
}

/// Of whole cache lines in bytes.
std::int64_t share_of_units(std::int64_t hidden) {
  constexpr std::int64_t kLine = 64;
  return ceil_div(ceil_div(hidden, thread_count()), kLine) * kLine;
}

std::vector<ByteMatrix> panel_by_panel(const Tensor& weight_FG, std::int64_t units) {
  std::vector<ByteMatrix> panels;
  if (weight_FG.size(0) == 0) return panels;
  const auto hidden = weight_FG.size(1) / 4;
  const auto gates_F4H = weight_FG.view({weight_FG.size(0), 4, hidden});
  for (const auto& panel_F4U : gates_F4H.split(units, 2)) {
    const auto panel_FU = panel_F4U.reshape({weight_FG.size(0), -1});
    panels.emplace_back(view(panel_FU), panel_FU.size(0), panel_FU.size(1), kTypicalSequences);
  }
  return panels;
}

std::vector<CompactMatrix> gate_by_gate(const Tensor& weight_FG, Precision precision) {
  std::vector<CompactMatrix> gates;
  if (weight_FG.size(0) == 0) return gates;
  const auto hidden = weight_FG.size(1) / 4;
  for (std::int64_t gate = 0; gate < 4; ++gate) {
    gates.emplace_back(view(weight_FG.narrow(1, gate * hidden, hidden)), weight_FG.size(0), hidden,
                       precision);
  }
  return gates;
}

}  // namespace

LstmStepWeights::LstmStepWeights(const LstmOptions& options,
                                 const std::vector<LstmWeights>& weights)
    : options_(options), weights_(weights), byte_panel_(share_of_units(options.hidden)) {}

bool LstmStepWeights::applies(const std::vector<LstmWeights>& weights) {
  return has_own_kernels(weights[0].bias_G);
}

const std::vector<LstmStepWeights::Layer>& LstmStepWeights::full(Factors factors) const {
  auto& [made, layers] = factors == Factors::kFloat ? floats_ : bfloat16s_;
  std::call_once(made, [&, &layers = layers] {
    for (std::size_t layer = 0; layer < weights_.size(); ++layer) {
      const auto input = product_weights(layer);
      layers.push_back({pack(weights_[layer].recurrent_HG.detach(), factors), std::nullopt});
      if (input.size(0) > 0) layers.back().input = pack(input, factors);
    }
  });
  return layers;
}

const std::vector<LstmStepWeights::ByteLayer>* LstmStepWeights::bytes() const {
  std::call_once(bytes_.made, [&] {
    if (!few_bits_hold_weights()) return;
    for (std::size_t layer = 0; layer < weights_.size(); ++layer) {
      bytes_.layers.push_back({panel_by_panel(weights_[layer].recurrent_HG.detach(), byte_panel_),
                               panel_by_panel(product_weights(layer), byte_panel_)});
    }
  });
  return bytes_.layers.empty() ? nullptr : &bytes_.layers;
}

const std::vector<LstmStepWeights::CompactLayer>* LstmStepWeights::compact(
    Precision precision) const {
  auto& [made, layers] = precision == Precision::kHalf ? compact_halves_ : compact_bytes_;
  std::call_once(made, [&, &layers = layers] {
    if (!few_bits_hold_weights()) return;
    for (std::size_t layer = 0; layer < weights_.size(); ++layer) {
      layers.push_back({gate_by_gate(weights_[layer].recurrent_HG.detach(), precision),
                        gate_by_gate(product_weights(layer), precision)});
    }
  });
  return layers.empty() ? nullptr : &layers;
}

/// The input weights that products need, [F, 4H].
Tensor LstmStepWeights::product_weights(std::size_t layer) const {
  const auto input_IG = weights_[layer].input_IG.detach();
  return layer == 0 ? input_IG.narrow(0, options_.token_classes, options_.dense_features)
                    : input_IG;
}

bool LstmStepWeights::few_bits_hold_weights() const {
  const auto fits = [](const Tensor& weight_FG) {
    return CompactMatrix::can_hold(view(weight_FG), weight_FG.size(0), weight_FG.size(1));
  };
  for (std::size_t layer = 0; layer < weights_.size(); ++layer) {
    if (!fits(product_weights(layer)) || !fits(weights_[layer].recurrent_HG)) return false;
  }
  return true;
}

}  // namespace musicvae::models
