#include "models/lstm/step_kernel.hpp"

#include <algorithm>

#include <torch/utils.h>

#include "models/kernels/threads.hpp"
#include "models/lstm/layer_parts.hpp"

namespace musicvae::models {
namespace {

using torch::Tensor;

/// Units below which waking another thread for their gates costs more than it saves.
constexpr std::int64_t kLeastUnits = 1 << 12;

/// The weights that products need, layer by layer: the input's, then h's. Tokens gather theirs, and
/// those of the constants are multiplied before.
std::vector<StepMatrix> lay_out(const LstmOptions& options,
                                const std::vector<LstmWeights>& weights) {
  std::vector<StepMatrix> matrices;
  for (std::size_t layer = 0; layer < weights.size(); ++layer) {
    auto input_IG = weights[layer].input_IG.detach();
    if (layer == 0) input_IG = input_IG.narrow(0, options.token_classes, options.dense_features);
    const auto both_IG = torch::cat({input_IG, weights[layer].recurrent_HG.detach()});
    matrices.emplace_back(view(both_IG), both_IG.size(0), both_IG.size(1));
  }
  return matrices;
}

}  // namespace

LstmStepKernel::LstmStepKernel(const Lstm& lstm)
    : options_(lstm->options()),
      weights_(lstm->weights()),
      matrices_(
          lstm->cache().get(lstm->parameters(), [&] { return lay_out(options_, weights_); })) {}

Tensor LstmStepKernel::prepare_constant(const Tensor& constant_NC) const {
  const torch::NoGradGuard no_grad;
  const auto& bias_G = weights_[0].bias_G;
  if (options_.constant_features == 0) return bias_G.detach().unsqueeze(0);
  TORCH_CHECK(constant_NC.dim() == 2 && constant_NC.size(1) == options_.constant_features,
              "the LSTM takes constants of ", options_.constant_features, " features");
  const auto constant = constant_NC.contiguous();
  const auto& input_IG = weights_[0].input_IG;
  const auto weight_CG =
      input_IG.narrow(0, input_IG.size(0) - options_.constant_features, options_.constant_features);
  auto base_NG = bias_G.repeat({constant.size(0), 1});
  models::multiply({base_NG.size(0), base_NG.size(1), weight_CG.size(0)}, view(constant),
                   view(weight_CG), true, base_NG.data_ptr<float>(), base_NG.stride(0));
  return base_NG;
}

void LstmStepKernel::start(std::int64_t sequences, const Tensor& base_NG) {
  base_NG_ = base_NG;
  sums_NG_ = torch::empty({sequences, 4 * options_.hidden});
}

void LstmStepKernel::check(const Tensor& tokens_N, const Tensor& dense_NF) const {
  const std::int64_t classes = options_.token_classes;
  const std::int64_t features = options_.dense_features;
  TORCH_CHECK(tokens_N.defined() == (classes > 0) && dense_NF.defined() == (features > 0),
              "a step takes what its LSTM has weights for, and that only");
  TORCH_CHECK(classes == 0 || tokens_N.sizes() == torch::IntArrayRef{sequences()},
              "a step takes a token for each of ", sequences(), " sequences");
  TORCH_CHECK(features == 0 || dense_NF.sizes() == torch::IntArrayRef({sequences(), features}),
              "a step takes ", features, " features for each of ", sequences(), " sequences");
  if (classes == 0) return;
  const auto* tokens = tokens_N.data_ptr<std::int64_t>();
  for (std::int64_t n = 0; n < sequences(); ++n) {
    TORCH_CHECK(-1 <= tokens[n] && tokens[n] < classes, "token ", tokens[n], " is not -1 to ",
                classes - 1);
  }
}

void LstmStepKernel::step(const Tensor& tokens_N, const Tensor& dense_NF, const LstmState& state) {
  const auto tokens = tokens_N.defined() ? tokens_N.contiguous() : Tensor{};
  const auto dense = dense_NF.defined() ? dense_NF.contiguous() : Tensor{};
  check(tokens, dense);
  const float* input_NF = dense.defined() ? dense.data_ptr<float>() : nullptr;
  for (int layer = 0; layer < options_.layers; ++layer) {
    const float* h_NH = state.h_LNH.data_ptr<float>() + layer * sequences() * options_.hidden;
    multiply(layer, input_NF, h_NH);
    for_ranges(sequences(), ceil_div(kLeastUnits, options_.hidden),
               [&](std::int64_t begin, std::int64_t end) {
                 for (auto n = begin; n < end; ++n) {
                   gates_forward(gates_row(layer, n, tokens, state), options_.hidden);
                 }
               });
    input_NF = h_NH;
  }
}

void LstmStepKernel::multiply(int layer, const float* input_NF, const float* h_NH) {
  const std::int64_t hidden = options_.hidden;
  const auto features = input_features(layer);
  // Not all row starts are to fall on the same cache sets, as multiples of 4096 bytes would.
  const auto stride = features + hidden + 16;
  rows_NI_.resize(static_cast<std::size_t>(sequences() * stride));
  for (std::int64_t n = 0; n < sequences(); ++n) {
    const auto row = rows_NI_.begin() + n * stride;
    std::copy_n(input_NF + n * features, features, row);
    std::copy_n(h_NH + n * hidden, hidden, row + features);
  }
  (*matrices_)[static_cast<std::size_t>(layer)].multiply({rows_NI_.data(), stride}, sequences(),
                                                         sums_NG_.data_ptr<float>());
}

GatesForward<float> LstmStepKernel::gates_row(int layer, std::int64_t n, const Tensor& tokens_N,
                                              const LstmState& state) const {
  GatesForward<float> row{};
  row.recurrent = row.gates = row_of(sums_NG_, n);
  const auto token = layer == 0 && tokens_N.defined() ? tokens_N.data_ptr<std::int64_t>()[n] : -1;
  row.token = token >= 0 ? row_of(weights_[0].input_IG, token) : nullptr;
  row.base = layer > 0 ? weights_[layer].bias_G.data_ptr<float>()
                       : row_of(base_NG_, base_NG_.size(0) > 1 ? n : 0);
  const auto place = (layer * sequences() + n) * options_.hidden;
  row.c = row.c_history = state.c_LNH.data_ptr<float>() + place;
  row.h = row.output = state.h_LNH.data_ptr<float>() + place;
  return row;
}

}  // namespace musicvae::models
