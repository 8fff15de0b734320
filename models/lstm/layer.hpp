#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include <torch/types.h>

#include "models/kernels/gemm.hpp"
#include "models/lstm/packed_rows.hpp"
#include "models/lstm/types.hpp"

/// One LSTM layer of one or two directions over packed rows, forward and backward through time, on
/// float CPU tensors. No autograd here.
namespace musicvae::models {

/// The part of a layer's output that is wanted, and its order.
enum class OutputRows {
  kPacked,      ///< All rows, in the layout's order.
  kBySequence,  ///< All rows, sequence after sequence.
  kNone,        ///< Only the final state.
};

/// What goes into a layer. A piece that is left out is an undefined tensor, or null for tokens.
struct LayerInput {
  std::shared_ptr<const PackedRows> layout;
  std::shared_ptr<const std::vector<std::int64_t>> tokens_P;
  torch::Tensor dense_PF;
  torch::Tensor constant_NC;
  LstmState initial;                 ///< [directions, N, H].
  std::vector<LstmWeights> weights;  ///< One for each direction.
  OutputRows outputs = OutputRows::kPacked;
  Factors factors = Factors::kFloat;

  std::int64_t hidden() const { return weights[0].recurrent_HG.size(0); }
  int directions() const { return static_cast<int>(weights.size()); }
  std::int64_t dense_features() const { return dense_PF.defined() ? dense_PF.size(1) : 0; }
  std::int64_t constant_features() const { return constant_NC.defined() ? constant_NC.size(1) : 0; }
  /// Rows of the input weights that tokens gather.
  std::int64_t classes() const {
    return weights[0].input_IG.size(0) - dense_features() - constant_features();
  }
};

/// What the forward pass keeps for the backward pass, for each direction. The backward pass
/// overwrites these buffers: gates become their gradients, and c becomes the h of the step before.
struct LayerHistory {
  Factors kept = Factors::kFloat;       ///< The precision of those gradients and of h.
  std::vector<torch::Tensor> gates_PG;  ///< [P, 4H], or as many KeptGates in half as many floats.
  std::vector<torch::Tensor> c_PH;      ///< A rounded h fills the first half of its row.
};

struct LayerOutput {
  torch::Tensor output_PD;  ///< The rows that LayerInput::outputs asks for; undefined for kNone.
  LstmState final;          ///< [directions, N, H].
};

/// Fills `history` unless it is null.
LayerOutput layer_forward(const LayerInput& input, LayerHistory* history);

/// The gradients of what a LayerInput holds; undefined where they are not wanted.
struct LayerGradients {
  torch::Tensor dense_PF;
  torch::Tensor constant_NC;
  LstmState initial;
  std::vector<LstmWeights> weights;
};

/// Overwrites the buffers of `history`. `doutput` holds the gradients of the forward pass's
/// results.
LayerGradients layer_backward(const LayerInput& input, const LayerHistory& history,
                              const LayerOutput& doutput, bool wants_dense);

}  // namespace musicvae::models
