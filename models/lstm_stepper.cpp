#include "models/lstm_stepper.hpp"

#include <utility>

#include "models/lstm_input.hpp"

namespace musicvae::models {

LstmStepper::LstmStepper(Lstm lstm) : lstm_(std::move(lstm)) {
  TORCH_CHECK(!lstm_->options().bidirectional, "a bidirectional LSTM cannot run step by step");
}

void LstmStepper::start(std::int64_t sequences, const LstmState& initial,
                        const torch::Tensor& constant_NC) {
  const torch::NoGradGuard no_grad;
  state_ = complete_lstm_state(lstm_->options(), initial, sequences, lstm_->weights()[0].bias_G);
  constant_NC_ = constant_NC;
}

torch::Tensor LstmStepper::step(const torch::Tensor& tokens_N, const torch::Tensor& dense_NF) {
  const torch::NoGradGuard no_grad;
  LstmInput input;
  if (tokens_N.defined()) input.tokens_NT = tokens_N.unsqueeze(1);
  if (dense_NF.defined()) input.dense_NTF = dense_NF.unsqueeze(1);
  input.constant_NC = constant_NC_;
  input.steps = 1;
  const auto output = lstm_->forward(input, state_);
  state_ = output.final;
  return output.output_NTD.select(1, 0);
}

}  // namespace musicvae::models
