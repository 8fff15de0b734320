#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include <torch/types.h>

#include "models/gemm.hpp"
#include "models/half_matrix.hpp"
#include "models/lstm.hpp"
#include "models/lstm_gates.hpp"

namespace musicvae::models {

/// Single steps of a unidirectional stack by the project's kernels, float on the CPU, without
/// gradients. A few sequences at once take the time of reading the weights, which are then kept in
/// half precision where that can hold them; threads share out their units. More take that of the
/// products, and threads share out the sequences.
class LstmStepKernel {
 public:
  /// The weights must not change afterwards.
  LstmStepKernel(const LstmOptions& options, const std::vector<LstmWeights>& weights);

  static bool applies(const std::vector<LstmWeights>& weights);

  /// What the same constants [N, C] add to the first layer's gates at every step, bias included:
  /// [N, 4H]; [1, 4H] of an undefined tensor, for a stack that takes none.
  torch::Tensor prepare_constant(const torch::Tensor& constant_NC) const;

  /// Begins N sequences with their prepared constants.
  void start(std::int64_t sequences, const torch::Tensor& base_NG);

  /// Moves `state` one step on, in place. Inputs are as in LstmStepper::step().
  void step(const torch::Tensor& tokens_N, const torch::Tensor& dense_NF, const LstmState& state);

 private:
  /// Of one layer; `input` is of what a product feeds: dense vectors or the layer below.
  struct Layer {
    PackedMatrix recurrent;
    std::optional<PackedMatrix> input;
  };
  /// The same, gate by gate; none where `input` would have no rows.
  struct HalfLayer {
    std::vector<HalfMatrix> recurrent;
    std::vector<HalfMatrix> input;
  };
  /// What a step is given.
  struct Step {
    const std::int64_t* tokens_N;
    const float* dense_NF;
    const LstmState& state;
  };

  torch::Tensor product_weights(int layer) const;
  bool halves_hold_weights() const;
  void lay_out_halves();
  void lay_out_floats();
  GatesForward gates_row(int layer, std::int64_t n, const Step& step) const;
  void step_few(const Step& step);
  void run_units(int layer, const float* input_NF, std::int64_t panel, const Step& step);
  void run_sequences(std::int64_t begin, std::int64_t end, const Step& step) const;
  std::int64_t input_features(int layer) const {
    return layer == 0 ? options_.dense_features : options_.hidden;
  }

  LstmOptions options_;
  std::vector<LstmWeights> weights_;
  std::optional<bool> halves_fit_;  ///< Once asked.
  bool few_ = false;
  std::vector<Layer> layers_;  ///< Laid out when first needed, as are the halves.
  std::vector<HalfLayer> half_layers_;
  torch::Tensor base_NG_;
  torch::Tensor recurrent_NG_;
  torch::Tensor input_NG_;
  torch::Tensor next_h_NH_;
  torch::Tensor zeros_G_;
};

}  // namespace musicvae::models
