#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include <torch/types.h>

#include "models/lstm/lstm.hpp"
#include "models/lstm/step_kernel.hpp"

namespace musicvae::models {

/// Runs a stack one step at a time, without gradients, for decoders whose next input depends on the
/// last output. What does not change between steps is computed once: by the stack for its weights,
/// by prepare_constant() for the constants. Float on the CPU, a few sequences at once run with what
/// is multiplied, or the weights alone, rounded to bytes or half precision (see LstmStepKernel),
/// and more of them with both factors rounded to bfloat16 where such products are fast.
class LstmStepper {
 public:
  /// `lstm` has one direction; its parameters must not change while the stepper is used.
  explicit LstmStepper(Lstm lstm);

  /// Constants [N, C] as start() takes them: a row each, to be picked from at will. Undefined for a
  /// stack that takes none.
  torch::Tensor prepare_constant(const torch::Tensor& constant_NC) const;

  /// Begins N sequences, at zeros where `initial` is undefined. May be called again, with another
  /// N, e.g. for each bar; start(N, state(), constant) goes on with a new constant.
  void start(std::int64_t sequences, const LstmState& initial = {},
             const torch::Tensor& prepared = {});

  /// One step of all sequences: the top layer's h [N, H], valid until the next step. Undefined
  /// tensors for what the stack has no weights for.
  torch::Tensor step(const torch::Tensor& tokens_N, const torch::Tensor& dense_NF = {});

  /// States after the last step; the next step changes them.
  const LstmState& state() const { return state_; }

 private:
  void step_layers(torch::Tensor input_NI);

  Lstm lstm_;
  std::shared_ptr<LstmStepKernel> kernel_;  ///< Null where LibTorch's operators do the work.
  std::vector<torch::Tensor> weights_;      ///< As the operators take them.
  torch::Tensor prepared_;                  ///< Of the constants.
  LstmState state_;
};

/// The top layer's h at every step [N, T, H], without gradients: as forward()'s output where all
/// lengths are alike, but by single steps where those are faster, which is for few sequences.
torch::Tensor step_through(const Lstm& lstm, const LstmInput& input, const LstmState& initial);

}  // namespace musicvae::models
