#pragma once

#include <algorithm>
#include <cstdint>
#include <string>

#include <torch/utils.h>

#include "models/lstm/input.hpp"
#include "models/lstm/lstm.hpp"

/// LSTMs with all their inputs, for the tests of the code that runs them.
namespace musicvae::models {

/// A stack with all its inputs.
struct LstmCase {
  LstmOptions options;
  Lstm lstm{nullptr};
  LstmInput input;
  LstmState initial;

  std::string description() const {
    return "classes " + std::to_string(options.token_classes) + ", dense " +
           std::to_string(options.dense_features) + ", constant " +
           std::to_string(options.constant_features) + ", hidden " +
           std::to_string(options.hidden) + ", layers " + std::to_string(options.layers) +
           (options.bidirectional ? ", bidirectional" : "") + ", N " +
           std::to_string(initial.h_LNH.size(1)) + ", T " + std::to_string(input.steps) +
           (input.lengths_N.defined() ? ", ragged" : "");
  }
};

/// Random parameters, inputs and initial states. All but the tokens and lengths want gradients.
inline LstmCase make_case(const LstmOptions& options, LstmExtent extent, bool ragged,
                          torch::Dtype dtype, std::uint64_t seed = 1) {
  torch::manual_seed(seed);
  const auto [n, t] = extent;
  const auto real = torch::TensorOptions(dtype);
  LstmCase made{options, Lstm(options), {}, {}};
  made.lstm->reset_parameters(at::detail::getDefaultCPUGenerator());
  made.lstm->to(dtype);
  auto& input = made.input;
  input.steps = t;
  if (options.token_classes > 0) {
    input.tokens_NT = torch::randint(-1, options.token_classes, {n, t}, torch::kInt64);
  }
  if (options.dense_features > 0) {
    input.dense_NTF = torch::randn({n, t, options.dense_features}, real).requires_grad_();
  }
  if (options.constant_features > 0) {
    input.constant_NC = torch::randn({n, options.constant_features}, real).requires_grad_();
  }
  if (ragged) input.lengths_N = torch::randint(0, t + 1, {n}, torch::kInt64);
  const auto states = options.layers * lstm_directions(options);
  made.initial = {torch::randn({states, n, options.hidden}, real).requires_grad_(),
                  torch::randn({states, n, options.hidden}, real).requires_grad_()};
  return made;
}

/// Largest difference over the largest magnitude.
inline double relative_error(const torch::Tensor& actual, const torch::Tensor& expected) {
  if (expected.numel() == 0) return 0.0;
  const auto scale = std::max(expected.abs().max().item<double>(), 1e-3);
  return (actual - expected).abs().max().item<double>() / scale;
}

}  // namespace musicvae::models
