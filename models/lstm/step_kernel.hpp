#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include <torch/types.h>

#include "models/kernels/lstm_gates.hpp"
#include "models/kernels/step_matrix.hpp"
#include "models/lstm/lstm.hpp"

namespace musicvae::models {

/// Single steps of a unidirectional stack by the project's kernels, float on the CPU, without
/// gradients. A layer's step is one product of its input and h, side by side, with a StepMatrix,
/// and then the gates; threads share out both. So what a sequence gives depends neither on the
/// sequences beside it nor on the number of threads.
class LstmStepKernel {
 public:
  /// `lstm` is such that has_own_kernels(); its weights must not change while the kernel is used.
  /// They are laid out once and kept in the stack's cache.
  explicit LstmStepKernel(const Lstm& lstm);

  /// What constants [N, C] add to the first layer's gates at every step, bias included: [N, 4H].
  /// For a stack that takes none, [1, 4H] of an undefined tensor.
  torch::Tensor prepare_constant(const torch::Tensor& constant_NC) const;

  /// Begins N sequences with their prepared constants.
  void start(std::int64_t sequences, const torch::Tensor& base_NG);

  /// Moves `state`, without gaps, one step on, in place. Inputs are as in LstmStepper::step();
  /// throws c10::Error where they are not.
  void step(const torch::Tensor& tokens_N, const torch::Tensor& dense_NF, const LstmState& state);

 private:
  void check(const torch::Tensor& tokens_N, const torch::Tensor& dense_NF) const;
  /// sums_NG_ = [input, h] times the layer's weights.
  void multiply(int layer, const float* input_NF, const float* h_NH);
  GatesForward<float> gates_row(int layer, std::int64_t n, const torch::Tensor& tokens_N,
                                const LstmState& state) const;
  std::int64_t sequences() const { return sums_NG_.size(0); }
  std::int64_t input_features(int layer) const {
    return layer == 0 ? options_.dense_features : options_.hidden;
  }

  LstmOptions options_;
  std::vector<LstmWeights> weights_;
  std::shared_ptr<const std::vector<StepMatrix>> matrices_;  ///< By layer.
  torch::Tensor base_NG_;
  torch::Tensor sums_NG_;
  std::vector<float> rows_NI_;  ///< A layer's input and h, side by side.
};

}  // namespace musicvae::models
