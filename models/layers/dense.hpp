#pragma once

#include <cstdint>
#include <memory>

#include <torch/nn/module.h>
#include <torch/nn/pimpl.h>
#include <torch/types.h>

#include "models/config.hpp"
#include "models/layers/linear.hpp"
#include "models/lstm/lstm.hpp"
#include "models/runtime/weights_cache.hpp"

/// Layers that draw their parameters from a passed generator (on the CPU), so that a seed fixes a
/// model; torch::nn::Linear draws from the global one. If the generator is undefined, parameters
/// are to be loaded.
namespace musicvae::models {

/// The standard deviation of a posterior head's first weights [magenta, lstm_utils.py]. The heads
/// of initial states start from N(0, 1 / inputs) instead, so that the decoder hears z from the
/// first step: with Magenta's 0.001 it learns to do without z before it learns to use it.
inline constexpr double kHeadStddev = 0.001;

/// y = W x + b. At first b is zero and W is drawn from N(0, stddev^2).
class DenseImpl : public torch::nn::Module {
 public:
  DenseImpl(std::int64_t inputs, std::int64_t outputs, double stddev, torch::Generator generator);

  torch::Tensor forward(const torch::Tensor& x) { return linear(x, weight_, bias_); }
  /// [outputs, inputs] and [outputs].
  const torch::Tensor& weight() const { return weight_; }
  const torch::Tensor& bias() const { return bias_; }
  /// Keeps the layout in which others use the weight until the weight changes.
  WeightsCache& cache() const { return *cache_; }

 private:
  torch::Tensor weight_;
  torch::Tensor bias_;
  std::shared_ptr<WeightsCache> cache_ = std::make_shared<WeightsCache>();
};
TORCH_MODULE(Dense);

/// A layer from hidden units to logits, with W from N(0, 1 / inputs).
Dense make_output_layer(std::int64_t inputs, std::int64_t outputs, torch::Generator generator);

/// An LSTM with its parameters drawn by LstmImpl::reset_parameters().
Lstm make_lstm(const LstmOptions& options, torch::Generator generator);

/// Turns a vector into the initial states of a stack: tanh of one dense layer, whose outputs are c
/// and then h of each layer, lowest first (MusicVAE's order).
class StateHeadImpl : public torch::nn::Module {
 public:
  StateHeadImpl(std::int64_t inputs, const StackSize& size, torch::Generator generator);

  LstmState forward(const torch::Tensor& x_ND);

 private:
  StackSize size_;
  Dense dense_;
};
TORCH_MODULE(StateHead);

}  // namespace musicvae::models
