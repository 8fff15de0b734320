#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include <torch/types.h>

#include "models/kernels/gemm.hpp"
#include "models/lstm/lstm.hpp"
#include "models/lstm/packed_rows.hpp"

/// One LSTM layer of one or two directions over packed rows, forward and backward through time, on
/// float CPU tensors. No autograd here.
namespace musicvae::models {

/// What a layer gives of its output.
enum class OutputRows {
  kPacked,      ///< All rows, in the layout's order.
  kBySequence,  ///< All rows, sequence after sequence.
  kNone,        ///< Only the final state.
};

/// What goes into a layer. Undefined tensors and empty tokens for what is left out.
struct LayerInput {
  std::shared_ptr<const PackedRows> layout;
  std::shared_ptr<const std::vector<std::int64_t>> tokens_P;
  torch::Tensor dense_PF;
  torch::Tensor constant_NC;
  LstmState initial;                 ///< [directions, N, H].
  std::vector<LstmWeights> weights;  ///< A direction each; input rows as in LstmWeights.
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

/// What the backward pass needs of the forward one, per direction. In place the gates turn into
/// their gradients, and each row's c into the h that the row started from, as factors of products.
struct LayerHistory {
  Factors kept = Factors::kFloat;       ///< What gradients and h are rounded to.
  std::vector<torch::Tensor> gates_PG;  ///< [P, 4H], or the floats that as many KeptGates fill.
  std::vector<torch::Tensor> c_PH;      ///< A rounded h fills the start of its row.
};

struct LayerOutput {
  torch::Tensor output_PD;  ///< As the input's `outputs` says; undefined where that is kNone.
  LstmState final;          ///< [directions, N, H].
};

/// Fills `history` unless it is null.
LayerOutput layer_forward(const LayerInput& input, LayerHistory* history);

/// As LayerInput and LstmWeights; undefined where not wanted.
struct LayerGradients {
  torch::Tensor dense_PF;
  torch::Tensor constant_NC;
  LstmState initial;
  std::vector<LstmWeights> weights;
};

/// Overwrites what is in `history`. `doutput` is d/d each of the forward pass's results.
LayerGradients layer_backward(const LayerInput& input, const LayerHistory& history,
                              const LayerOutput& doutput, bool wants_dense);

}  // namespace musicvae::models
