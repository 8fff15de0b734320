#pragma once

#include <vector>

#include "models/lstm/lstm.hpp"

namespace musicvae::models {

/// The LSTM stack by LibTorch's own operators, all steps and layers in one call: cuDNN's on a CUDA
/// device. Same results as reference_lstm() but for the rounding of `type`, in which it computes;
/// results are of the parameters' type. Does not wait for the device where the lengths are on the
/// CPU, and so cannot refuse a token out of range: it counts as none. On CUDA differentiable once.
LstmOutput cudnn_lstm(const LstmOptions& options, const std::vector<LstmWeights>& weights,
                      const LstmInput& input, const LstmState& initial, torch::Dtype type);

/// As above, in compute_type(), or in the parameters' where cuDNN does not take that.
LstmOutput cudnn_lstm(const LstmOptions& options, const std::vector<LstmWeights>& weights,
                      const LstmInput& input, const LstmState& initial);

/// What those operators take: input and recurrent weights, [4H, I] and [4H, H], and two biases
/// [4H], for each layer and direction in turn.
std::vector<torch::Tensor> operator_weights(const LstmOptions& options,
                                            const std::vector<LstmWeights>& weights,
                                            torch::Dtype type);

/// The first layer's input for them: one-hot tokens [...], dense vectors [..., F] and constants
/// [..., C] side by side.
torch::Tensor operator_input(const LstmOptions& options, const torch::Tensor& tokens,
                             const torch::Tensor& dense, const torch::Tensor& constant,
                             torch::Dtype type);

}  // namespace musicvae::models
