#pragma once

#include <cstdint>

#include <torch/types.h>

/// What goes into an LSTM stack and what comes out of it, for the stack and for its backends.
namespace musicvae::models {

/// The sizes of a stack, and what feeds its first layer at each step: up to three pieces, whose
/// products with their input weights are summed. A width of 0 leaves a piece out; one at least must
/// be there.
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
  kAll,   ///< All steps, padding included.
  kReal,  ///< The steps within their sequence's length.
  kNone,  ///< No step: only the final state is wanted, which saves memory.
};

/// N sequences of up to T steps. A tensor is undefined where LstmOptions leaves its piece out.
/// Steps past a sequence's length may hold any valid value and change nothing.
struct LstmInput {
  torch::Tensor tokens_NT;    ///< int64; -1 stands for no token (zeros).
  torch::Tensor dense_NTF;    ///< float.
  torch::Tensor constant_NC;  ///< float.
  torch::Tensor lengths_N;    ///< int64, on the CPU, 0 to T; undefined means T for all.
  std::int64_t steps = 0;     ///< T where neither tokens nor dense vectors give it.
  LstmSteps outputs = LstmSteps::kAll;
};

/// States of all layers, [layers * directions, N, H]. Within a layer the backward direction follows
/// the forward one.
struct LstmState {
  torch::Tensor h_LNH;
  torch::Tensor c_LNH;
};

/// The top layer's h at the steps that LstmInput::outputs asks for, with D = hidden * directions,
/// and the final states. The tensor of outputs that were not asked for is undefined.
struct LstmOutput {
  torch::Tensor output_NTD;  ///< h at all steps, 0 past a sequence's length.
  LstmState final;  ///< After each sequence's last real step (forward) or first (backward).
  torch::Tensor output_PD = {};  ///< h at the real steps, sequence after sequence.
};

/// Parameters of one layer and direction, with gates i, f, g, o side by side. They multiply from
/// the right, so each matrix is the transpose of torch::nn::LSTM's.
struct LstmWeights {
  torch::Tensor input_IG;      ///< [inputs, 4H]; layer 0's rows: token classes, dense, constant.
  torch::Tensor recurrent_HG;  ///< [H, 4H].
  torch::Tensor bias_G;        ///< [4H], the sum of torch::nn::LSTM's two.
};

}  // namespace musicvae::models
