#include "models/layers/dense.hpp"

#include <cmath>
#include <utility>

namespace musicvae::models {
DenseImpl::DenseImpl(std::int64_t inputs, std::int64_t outputs, double stddev,
                     torch::Generator generator)
    : weight_(torch::empty({outputs, inputs})), bias_(torch::zeros({outputs})) {
  if (generator.defined()) weight_.normal_(0, stddev, std::move(generator));
  register_parameter("weight", weight_);
  register_parameter("bias", bias_);
}

Dense make_output_layer(std::int64_t inputs, std::int64_t outputs, torch::Generator generator) {
  const double stddev = 1 / std::sqrt(static_cast<double>(inputs));
  return Dense(inputs, outputs, stddev, std::move(generator));
}

Lstm make_lstm(const LstmOptions& options, torch::Generator generator) {
  Lstm lstm(options);
  if (generator.defined()) lstm->reset_parameters(std::move(generator));
  return lstm;
}

StateHeadImpl::StateHeadImpl(std::int64_t inputs, const StackSize& size, torch::Generator generator)
    : size_(size),
      dense_(inputs, 2 * size.layers * size.hidden, 1 / std::sqrt(static_cast<double>(inputs)),
             std::move(generator)) {
  register_module("dense", dense_);
}

LstmState StateHeadImpl::forward(const torch::Tensor& x_ND) {
  const auto states_NL2H =
      torch::tanh(dense_(x_ND)).view({x_ND.size(0), size_.layers, 2, size_.hidden});
  // Unbound together: gradients of two separate views would be zeros first and then a sum.
  const auto states = states_NL2H.permute({2, 1, 0, 3}).contiguous().unbind();
  return {.h_LNH = states[1], .c_LNH = states[0]};
}

}  // namespace musicvae::models
