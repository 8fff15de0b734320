#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include <torch/types.h>

#include "models/kernels/lstm_gates.hpp"
#include "models/lstm/lstm.hpp"
#include "models/lstm/step_weights.hpp"

namespace musicvae::models {

/// Single steps of a unidirectional stack by the project's kernels, float on the CPU, without
/// gradients. A few sequences at once take the time of reading the weights. Where the processor
/// sums products of bytes, up to 16 are multiplied in bytes, or up to 64 where tiles do not take
/// more in bfloat16; elsewhere up to four read weights in bytes and up to 64 in half precision.
/// Threads share out the units of all these, so that each reads its part of the weights. More
/// sequences take the time of the products, and threads share out the sequences.
class LstmStepKernel {
 public:
  /// Where LstmStepWeights::applies(). The weights must not change afterwards.
  LstmStepKernel(const LstmOptions& options, const std::vector<LstmWeights>& weights,
                 std::shared_ptr<const LstmStepWeights> laid_out);

  /// What the same constants [N, C] add to the first layer's gates at every step, bias included:
  /// [N, 4H]; [1, 4H] of an undefined tensor, for a stack that takes none.
  torch::Tensor prepare_constant(const torch::Tensor& constant_NC) const;

  /// Begins N sequences with their prepared constants.
  void start(std::int64_t sequences, const torch::Tensor& base_NG);

  /// Moves `state`, without gaps, one step on, in place. Inputs are as in LstmStepper::step();
  /// throws c10::Error where they are not.
  void step(const torch::Tensor& tokens_N, const torch::Tensor& dense_NF, const LstmState& state);

 private:
  /// What a step is given.
  struct Step {
    const std::int64_t* tokens_N;
    const float* dense_NF;
    float* h_LNH;
    float* c_LNH;
  };

  /// Those of one panel of weights.
  struct Units {
    std::int64_t panel;
    std::int64_t first;
    std::int64_t count;
  };

  void check(const torch::Tensor& tokens_N, const torch::Tensor& dense_NF) const;
  GatesForward<float> gates_row(int layer, std::int64_t n, const Step& step) const;
  void step_few(const Step& step);
  void run_units(int layer, const float* input_NF, const Units& units, const Step& step);
  void multiply_bytes(int layer, const Units& units) const;
  void multiply_compact(int layer, const float* input_NF, const Units& units,
                        const Step& step) const;
  void run_sequences(std::int64_t begin, std::int64_t end, const Step& step) const;
  std::int64_t sequences() const { return recurrent_NG_.size(0); }
  /// A layer's part of a state.
  float* layer_of(float* state_LNH, int layer) const {
    return state_LNH + layer * sequences() * options_.hidden;
  }
  std::int64_t input_features(int layer) const {
    return layer == 0 ? options_.dense_features : options_.hidden;
  }

  LstmOptions options_;
  std::vector<LstmWeights> weights_;
  std::shared_ptr<const LstmStepWeights> laid_out_;
  /// One is set: the first two for few sequences, the last for others.
  const std::vector<LstmStepWeights::ByteLayer>* bytes_ = nullptr;
  const std::vector<LstmStepWeights::CompactLayer>* compact_ = nullptr;
  const std::vector<LstmStepWeights::Layer>* full_ = nullptr;
  torch::Tensor base_NG_;
  torch::Tensor recurrent_NG_;
  torch::Tensor input_NG_;
  torch::Tensor next_h_NH_;
  /// What goes into a layer's products of bytes.
  ByteRows rounded_h_;
  ByteRows rounded_input_;
};

}  // namespace musicvae::models
