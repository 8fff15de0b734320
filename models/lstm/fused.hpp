#pragma once

#include <vector>

#include "models/lstm/types.hpp"

namespace musicvae::models {

/// Whether fused_lstm() can compute this: all is float on the CPU, and a step is real.
bool fused_lstm_applies(const LstmOptions& options, const std::vector<LstmWeights>& weights,
                        const LstmInput& input, const LstmState& initial);

/// The LSTM stack by the project's own kernels, differentiable once. But for rounding, results are
/// those of reference_lstm(), and the same number of threads gives the same bits.
LstmOutput fused_lstm(const LstmOptions& options, const std::vector<LstmWeights>& weights,
                      const LstmInput& input, const LstmState& initial);

}  // namespace musicvae::models
