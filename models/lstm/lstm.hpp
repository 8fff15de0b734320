#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include <torch/nn/module.h>
#include <torch/nn/pimpl.h>
#include <torch/types.h>

#include "models/runtime/weights_cache.hpp"

namespace musicvae::models {

/// What feeds the first layer at each step. The pieces are summed after their input weights; a
/// width of 0 leaves one out, and one at least must be there.
struct LstmOptions {
  int token_classes = 0;      ///< A token is a row gather from the input weights, never a one-hot.
  int dense_features = 0;     ///< A vector a step.
  int constant_features = 0;  ///< A vector a sequence, the same at every step, multiplied once.
  int hidden = 256;
  int layers = 1;
  bool bidirectional = false;
};

/// The steps whose outputs are wanted.
enum class LstmSteps {
  kAll,   ///< Padding among them.
  kReal,  ///< Those within their sequence's length.
  kNone,  ///< The final state alone, which saves the others' memory.
};

/// N sequences of up to T steps. Undefined tensors for what LstmOptions leaves out. Steps past a
/// sequence's length may hold any valid value and change nothing.
struct LstmInput {
  torch::Tensor tokens_NT;    ///< int64; -1 stands for no token (zeros).
  torch::Tensor dense_NTF;    ///< float.
  torch::Tensor constant_NC;  ///< float.
  torch::Tensor lengths_N;    ///< int64, on the CPU, 0 to T; undefined means T for all.
  std::int64_t steps = 0;     ///< T where neither tokens nor dense vectors give it.
  LstmSteps outputs = LstmSteps::kAll;
};

/// States of all layers, each direction's after the other within a layer: [layers * directions, N,
/// H].
struct LstmState {
  torch::Tensor h_LNH;
  torch::Tensor c_LNH;
};

/// The top layer's h, D = hidden * directions, as LstmInput::outputs asks.
struct LstmOutput {
  torch::Tensor output_NTD;  ///< Of all steps, 0 past a sequence's length; or undefined.
  LstmState final;  ///< After each sequence's last real step (forward) or first (backward).
  torch::Tensor output_PD = {};  ///< Of the real steps, sequence after sequence; or undefined.
};

/// Parameters of one layer and direction. They multiply from the right, gates i, f, g, o side by
/// side: the transpose of torch::nn::LSTM's.
struct LstmWeights {
  torch::Tensor input_IG;      ///< [inputs, 4H]; layer 0's rows: token classes, dense, constant.
  torch::Tensor recurrent_HG;  ///< [H, 4H].
  torch::Tensor bias_G;        ///< [4H], the sum of torch::nn::LSTM's two.
};

class LstmStepWeights;

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
  /// The weights as single steps on the CPU take them, kept until they change; null elsewhere.
  std::shared_ptr<const LstmStepWeights> step_weights() const;

 private:
  void register_layer(int layer, bool reverse);

  LstmOptions options_;
  std::vector<LstmWeights> weights_;
  std::shared_ptr<WeightsCache<LstmStepWeights>> step_weights_;
};
TORCH_MODULE(Lstm);

}  // namespace musicvae::models
