#include "models/lstm/lstm.hpp"

#include <cmath>
#include <string>

#include <torch/utils.h>

#include "models/lstm/cudnn.hpp"
#include "models/lstm/fused.hpp"
#include "models/lstm/input.hpp"
#include "models/lstm/reference.hpp"

namespace musicvae::models {

LstmImpl::LstmImpl(const LstmOptions& options) : options_(options) {
  TORCH_CHECK(options.hidden > 0 && options.layers > 0 && lstm_inputs(options) > 0,
              "an LSTM needs layers, hidden units and an input");
  for (int layer = 0; layer < options.layers; ++layer) {
    register_layer(layer, false);
    if (options.bidirectional) register_layer(layer, true);
  }
}

void LstmImpl::register_layer(int layer, bool reverse) {
  const std::int64_t hidden = options_.hidden;
  const auto inputs = layer == 0 ? lstm_inputs(options_) : hidden * lstm_directions(options_);
  const auto suffix = "_l" + std::to_string(layer) + (reverse ? "_reverse" : "");
  weights_.push_back({register_parameter("weight_ih" + suffix, torch::zeros({inputs, 4 * hidden})),
                      register_parameter("weight_hh" + suffix, torch::zeros({hidden, 4 * hidden})),
                      register_parameter("bias" + suffix, torch::zeros({4 * hidden}))});
}

void LstmImpl::reset_parameters(torch::Generator generator) {
  const torch::NoGradGuard no_grad;
  const std::int64_t hidden = options_.hidden;
  const double bound = 1.0 / std::sqrt(static_cast<double>(hidden));
  for (auto& w : weights_) {
    for (auto* parameter : {&w.input_IG, &w.recurrent_HG, &w.bias_G}) {
      parameter->copy_(torch::empty(parameter->sizes()).uniform_(-bound, bound, generator));
    }
    w.bias_G.narrow(0, hidden, hidden).add_(1.0);
  }
}

LstmOutput LstmImpl::forward(const LstmInput& input, const LstmState& initial) const {
  if (fused_lstm_applies(options_, weights_, input, initial)) {
    return fused_lstm(options_, weights_, input, initial);
  }
  if (weights_[0].bias_G.is_cuda()) return cudnn_lstm(options_, weights_, input, initial);
  return reference_lstm(options_, weights_, input, initial);
}

}  // namespace musicvae::models
