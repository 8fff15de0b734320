#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include <torch/torch.h>

#include "models/gemm.hpp"
#include "models/lstm.hpp"

namespace musicvae::models {

/// Single steps of a unidirectional stack by the project's kernels, float on the CPU, without
/// gradients.
class LstmStepKernel {
 public:
  /// Lays the weights out for products; they must not change afterwards.
  LstmStepKernel(const LstmOptions& options, const std::vector<LstmWeights>& weights);

  static bool applies(const std::vector<LstmWeights>& weights);

  /// Begins N sequences with their constants, undefined where the stack takes none.
  void start(std::int64_t sequences, const torch::Tensor& constant_NC);

  /// Moves `state` one step on, in place. Inputs are as in LstmStepper::step().
  void step(const torch::Tensor& tokens_N, const torch::Tensor& dense_NF, const LstmState& state);

 private:
  struct Layer {
    PackedMatrix recurrent;
    std::optional<PackedMatrix>
        input;  ///< Of what a product feeds: dense vectors or the layer below.
  };
  /// Sequences [begin, end) of a step.
  struct Share {
    std::int64_t begin;
    std::int64_t end;
    const std::int64_t* tokens_N;
    const float* dense_NF;
    const LstmState& state;
  };

  void run(const Share& share) const;
  void run_layer(int layer, const float* input_NF, const Share& share) const;

  LstmOptions options_;
  std::vector<LstmWeights> weights_;
  std::vector<Layer> layers_;
  torch::Tensor base_NG_;  ///< Of layer 0: bias and constant, [N or 1, 4H].
  torch::Tensor recurrent_NG_;
  torch::Tensor input_NG_;
  torch::Tensor zeros_G_;
};

}  // namespace musicvae::models
