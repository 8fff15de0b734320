#pragma once

#include <vector>

#include <torch/torch.h>

namespace musicvae::models {

/// What feeds the first layer at each step. The pieces are summed after their input weights; a width of
/// 0 leaves one out.
struct LstmOptions {
  int token_classes = 0;   ///< A token is a row gather from the input weights, never a one-hot.
  int dense_features = 0;  ///< A vector a step.
  int constant_features = 0;  ///< A vector a sequence, the same at every step, multiplied once.
  int hidden = 256;
  int layers = 1;
  bool bidirectional = false;
};

/// N sequences of up to T steps. Undefined tensors for what LstmOptions leaves out.
struct LstmInput {
  torch::Tensor tokens_NT;    ///< int64; -1 stands for no token (zeros).
  torch::Tensor dense_NTF;    ///< float.
  torch::Tensor constant_NC;  ///< float.
  torch::Tensor lengths_N;    ///< int64, 0 to T; undefined means T for all.
};

/// States of all layers, each direction's after the other within a layer: [layers * directions, N, H].
struct LstmState {
  torch::Tensor h_LNH;
  torch::Tensor c_LNH;
};

struct LstmOutput {
  torch::Tensor output_NTD;  ///< Top layer's h, D = hidden * directions; 0 past a sequence's length.
  LstmState final;           ///< After each sequence's last real step (forward) or first (backward).
};

/// A stack of LSTM layers (Hochreiter and Schmidhuber 1997; gates i, f, g, o as in torch::nn::LSTM),
/// with the inputs of musical decoders: gathered tokens and per-sequence constants. The one owner of
/// LSTM arithmetic. A sequence of length 0 keeps its initial state and gives zeros.
class LstmImpl : public torch::nn::Module {
 public:
  explicit LstmImpl(const LstmOptions& options);

  /// `initial` may hold undefined tensors: zeros.
  LstmOutput forward(const LstmInput& input, const LstmState& initial = {});

  const LstmOptions& options() const { return options_; }

 private:
  LstmOptions options_;
  // Per layer and direction; layer 0's input weights are split by what they multiply.
  torch::Tensor token_weight_, dense_weight_, constant_weight_;
};
TORCH_MODULE(Lstm);

}  // namespace musicvae::models
