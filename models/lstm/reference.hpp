#pragma once

#include <vector>

#include "models/lstm/types.hpp"

namespace musicvae::models {

/// The LSTM stack, step by step, by LibTorch's operators: for any device and floating type, and
/// differentiable any number of times. The other backends are tested against it.
LstmOutput reference_lstm(const LstmOptions& options, const std::vector<LstmWeights>& weights,
                          const LstmInput& input, const LstmState& initial);

}  // namespace musicvae::models
