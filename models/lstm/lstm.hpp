#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include <torch/nn/module.h>
#include <torch/nn/pimpl.h>
#include <torch/types.h>

#include "models/lstm/types.hpp"
#include "models/runtime/weights_cache.hpp"

namespace musicvae::models {

/// A stack of LSTM layers (Hochreiter and Schmidhuber 1997; gates i, f, g, o as in
/// torch::nn::LSTM), with the inputs of musical decoders: gathered tokens and per-sequence
/// constants. The one owner of LSTM arithmetic. A sequence of length 0 keeps its initial state and
/// gives zeros.
///
/// Parameters are named as in torch::nn::LSTM, `weight_ih_l0`, `weight_hh_l0`, `bias_l0`, then
/// `_l1` and on, with `_reverse` appended for the backward direction. They are zeros until
/// reset_parameters() is called or they are loaded.
class LstmImpl : public torch::nn::Module {
 public:
  explicit LstmImpl(const LstmOptions& options);

  /// Draws all from U(-1/sqrt(H), 1/sqrt(H)), then adds 1 to the forget gates' biases (Jozefowicz
  /// et al. 2015), so that memory lasts from the start. `generator` is on the CPU, whatever the
  /// device.
  void reset_parameters(torch::Generator generator);

  /// `initial` may hold undefined tensors: zeros.
  LstmOutput forward(const LstmInput& input, const LstmState& initial = {}) const;

  const LstmOptions& options() const { return options_; }
  /// Layer by layer, the backward direction after the forward one.
  const std::vector<LstmWeights>& weights() const { return weights_; }
  /// Keeps the layout in which others use the weights until the weights change.
  WeightsCache& cache() const { return *cache_; }

 private:
  void register_layer(int layer, bool reverse);

  LstmOptions options_;
  std::vector<LstmWeights> weights_;
  std::shared_ptr<WeightsCache> cache_ = std::make_shared<WeightsCache>();
};
TORCH_MODULE(Lstm);

}  // namespace musicvae::models
