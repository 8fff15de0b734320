#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include <torch/types.h>

#include "models/lstm/lstm.hpp"
#include "models/lstm/step_kernel.hpp"

namespace musicvae::models {

/// Runs a stack one step at a time, without gradients, for decoders whose next input depends on the
/// last output. What does not change between steps is computed once: the weights' layout is kept by
/// the stack, prepare_constant() is for the constants. On the CPU in float, weights are rounded to
/// half precision (see StepMatrix).
class LstmStepper {
 public:
  /// `lstm` has one direction; its parameters must not change while the stepper is used.
  explicit LstmStepper(Lstm lstm);

  /// Turns constants [N, C] into what start() takes: a row for each, which may be picked from at
  /// will. Undefined for a stack that takes none.
  torch::Tensor prepare_constant(const torch::Tensor& constant_NC) const;

  /// Begins N sequences, at zeros where `initial` is undefined. May be called again with another N,
  /// for example for each bar; start(N, state(), constant) goes on with a new constant.
  void start(std::int64_t sequences, const LstmState& initial = {},
             const torch::Tensor& prepared = {});

  /// Takes one step of all sequences and returns the top layer's h [N, H], valid until the next
  /// step. Inputs that the stack has no weights for are undefined.
  torch::Tensor step(const torch::Tensor& tokens_N, const torch::Tensor& dense_NF = {});

  /// The states after the last step. The next step changes them.
  const LstmState& state() const { return state_; }

 private:
  void step_layers(torch::Tensor input_NI);

  Lstm lstm_;
  std::shared_ptr<LstmStepKernel> kernel_;  ///< Null where LibTorch's operators do the work.
  std::vector<torch::Tensor> weights_;      ///< As the operators take them.
  torch::Tensor prepared_;                  ///< The constants, as start() was given them.
  LstmState state_;
};

/// The top layer's h at every step [N, T, H], without gradients: what forward() gives where all
/// lengths are T, but by single steps on the CPU in float, where those are faster for few
/// sequences.
torch::Tensor step_through(const Lstm& lstm, const LstmInput& input, const LstmState& initial);

}  // namespace musicvae::models
