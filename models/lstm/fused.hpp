#pragma once

#include <vector>

#include "models/lstm/lstm.hpp"

namespace musicvae::models {

/// Whether fused_lstm() can compute this: float on the CPU, and at least one real step.
bool fused_lstm_applies(const LstmOptions& options, const std::vector<LstmWeights>& weights,
                        const LstmInput& input, const LstmState& initial);

/// The LSTM stack by the project's own kernels; same results as reference_lstm() but for rounding.
/// The same number of threads gives the same bits. Differentiable once.
LstmOutput fused_lstm(const LstmOptions& options, const std::vector<LstmWeights>& weights,
                      const LstmInput& input, const LstmState& initial);

}  // namespace musicvae::models
