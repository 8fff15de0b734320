#pragma once

#include <vector>

#include "models/lstm/lstm.hpp"

namespace musicvae::models {

/// The LSTM stack step by step from LibTorch's operators: any device and floating type,
/// differentiable any number of times. The measure of the fused kernels. `input` and `initial` are
/// as prepared by prepare_lstm_input().
LstmOutput reference_lstm(const LstmOptions& options, const std::vector<LstmWeights>& weights,
                          const LstmInput& input, const LstmState& initial);

}  // namespace musicvae::models
