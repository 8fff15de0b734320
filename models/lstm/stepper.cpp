#include "models/lstm/stepper.hpp"

#include <utility>

#include <torch/utils.h>

#include "models/lstm/cudnn.hpp"
#include "models/lstm/input.hpp"
#include "models/runtime/own_kernels.hpp"

namespace musicvae::models {
namespace {

/// One step, as the input of a sequence of one.
LstmInput single_step(const torch::Tensor& tokens_N, const torch::Tensor& dense_NF,
                      const torch::Tensor& constant_NC) {
  LstmInput input;
  if (tokens_N.defined()) input.tokens_NT = tokens_N.unsqueeze(1);
  if (dense_NF.defined()) input.dense_NTF = dense_NF.unsqueeze(1);
  input.constant_NC = constant_NC;
  input.steps = 1;
  return input;
}

}  // namespace

LstmStepper::LstmStepper(Lstm lstm) : lstm_(std::move(lstm)) {
  TORCH_CHECK(!lstm_->options().bidirectional, "a bidirectional LSTM cannot run step by step");
  const auto& like = lstm_->weights()[0].bias_G;
  if (has_own_kernels(like)) {
    kernel_ = std::make_shared<LstmStepKernel>(lstm_);
  } else {
    const torch::NoGradGuard no_grad;
    weights_ = operator_weights(lstm_->options(), lstm_->weights(), like.scalar_type());
  }
}

torch::Tensor LstmStepper::prepare_constant(const torch::Tensor& constant_NC) const {
  if (!kernel_ || lstm_->options().constant_features == 0) return constant_NC;
  return kernel_->prepare_constant(constant_NC);
}

void LstmStepper::start(std::int64_t sequences, const LstmState& initial,
                        const torch::Tensor& prepared) {
  const torch::NoGradGuard no_grad;
  const auto state =
      complete_lstm_state(lstm_->options(), initial, sequences, lstm_->weights()[0].bias_G);
  state_ = {state.h_LNH.clone(torch::MemoryFormat::Contiguous),
            state.c_LNH.clone(torch::MemoryFormat::Contiguous)};
  prepared_ = prepared;
  if (kernel_)
    kernel_->start(sequences, prepared.defined() ? prepared : kernel_->prepare_constant({}));
}

torch::Tensor LstmStepper::step(const torch::Tensor& tokens_N, const torch::Tensor& dense_NF) {
  const torch::NoGradGuard no_grad;
  if (kernel_) {
    kernel_->step(tokens_N, dense_NF, state_);
    return state_.h_LNH[-1];
  }
  const auto extent =
      check_lstm_input(lstm_->options(), single_step(tokens_N, dense_NF, prepared_));
  TORCH_CHECK(extent.sequences == state_.h_LNH.size(1), "the stepper was started for ",
              state_.h_LNH.size(1), " sequences, not ", extent.sequences);
  step_layers(
      operator_input(lstm_->options(), tokens_N, dense_NF, prepared_, state_.h_LNH.scalar_type()));
  return state_.h_LNH[-1];
}

void LstmStepper::step_layers(torch::Tensor input_NI) {
  for (std::int64_t layer = 0; layer < lstm_->options().layers; ++layer) {
    const auto* weights = &weights_[static_cast<std::size_t>(layer) * 4];
    const auto h_NH = state_.h_LNH[layer];
    const auto c_NH = state_.c_LNH[layer];
    const auto [next_h_NH, next_c_NH] =
        at::lstm_cell(input_NI, {h_NH, c_NH}, weights[0], weights[1], weights[2], weights[3]);
    h_NH.copy_(next_h_NH);
    c_NH.copy_(next_c_NH);
    input_NI = h_NH;
  }
}

torch::Tensor step_through(const Lstm& lstm, const LstmInput& input, const LstmState& initial) {
  const torch::NoGradGuard no_grad;
  if (!has_own_kernels(lstm->weights()[0].bias_G)) return lstm->forward(input, initial).output_NTD;
  const auto extent = check_lstm_input(lstm->options(), input);
  const auto at = [](const torch::Tensor& values, std::int64_t t) {
    return values.defined() ? values.select(1, t) : values;
  };
  LstmStepper stepper(lstm);
  stepper.start(extent.sequences, initial, stepper.prepare_constant(input.constant_NC));
  std::vector<torch::Tensor> output;
  for (std::int64_t t = 0; t < extent.steps; ++t) {
    output.push_back(stepper.step(at(input.tokens_NT, t), at(input.dense_NTF, t)).clone());
  }
  return torch::stack(output, 1);
}

}  // namespace musicvae::models
