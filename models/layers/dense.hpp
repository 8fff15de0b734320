#pragma once

#include <cstdint>
#include <memory>

#include <torch/nn/module.h>
#include <torch/nn/pimpl.h>
#include <torch/types.h>

#include "models/config.hpp"
#include "models/kernels/compact_matrix.hpp"
#include "models/layers/linear.hpp"
#include "models/lstm/lstm.hpp"
#include "models/runtime/weights_cache.hpp"

/// Layers whose parameters come from a passed generator (on the CPU), so that a seed fixes a model;
/// torch::nn::Linear draws from the global one. Without one (undefined) they are to be loaded.
namespace musicvae::models {

/// Spread of the posterior's heads [magenta, lstm_utils.py]: they start next to 0. The heads of
/// initial states start from N(0, 1 / inputs) instead, so that the decoder hears z from the first
/// step: with Magenta's 0.001 it learns to do without z before it learns to use it.
inline constexpr double kHeadStddev = 0.001;

/// y = W x + b, b zero at first and W from N(0, stddev^2).
class DenseImpl : public torch::nn::Module {
 public:
  DenseImpl(std::int64_t inputs, std::int64_t outputs, double stddev, torch::Generator generator);

  torch::Tensor forward(const torch::Tensor& x) { return linear(x, weight_, bias_); }
  /// [outputs, inputs] and [outputs].
  const torch::Tensor& weight() const { return weight_; }
  const torch::Tensor& bias() const { return bias_; }
  /// [inputs, outputs] in half precision for single steps on the CPU, kept until the weight
  /// changes; null elsewhere, or where a value is too large for it.
  std::shared_ptr<const CompactMatrix> step_weight() const;

 private:
  torch::Tensor weight_;
  torch::Tensor bias_;
  std::shared_ptr<WeightsCache<CompactMatrix>> step_weight_;
};
TORCH_MODULE(Dense);

/// Hidden units to logits, W from N(0, 1 / inputs).
Dense make_output_layer(std::int64_t inputs, std::int64_t outputs, torch::Generator generator);

/// See LstmImpl::reset_parameters().
Lstm make_lstm(const LstmOptions& options, torch::Generator generator);

/// A vector to the initial states of a stack: tanh of one dense layer, whose outputs are c then h
/// of each layer, lowest first (MusicVAE's order).
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
