#pragma once

#include <vector>

#include "models/lstm/types.hpp"

namespace musicvae::models {

/// The LSTM stack with all steps and layers in one call of a LibTorch operator, which is cuDNN's on
/// a CUDA device. It computes in `type` and returns the parameters' type; but for rounding, results
/// are those of reference_lstm(). It does not wait for the device if the lengths are on the CPU, so
/// it cannot refuse a token out of range, which counts as no token. On CUDA it is differentiable
/// once.
LstmOutput cudnn_lstm(const LstmOptions& options, const std::vector<LstmWeights>& weights,
                      const LstmInput& input, const LstmState& initial, torch::Dtype type);

/// The same in compute_type(), or in the parameters' type if cuDNN does not take that.
LstmOutput cudnn_lstm(const LstmOptions& options, const std::vector<LstmWeights>& weights,
                      const LstmInput& input, const LstmState& initial);

/// The weights as LibTorch's operators take them: input and recurrent weights, [4H, I] and [4H, H],
/// and two biases [4H], for each layer and direction in turn.
std::vector<torch::Tensor> operator_weights(const LstmOptions& options,
                                            const std::vector<LstmWeights>& weights,
                                            torch::Dtype type);

/// The first layer's input as LibTorch's operators take it: tokens [...] as one-hot vectors, dense
/// vectors [..., F] and constants [..., C] side by side.
torch::Tensor operator_input(const LstmOptions& options, const torch::Tensor& tokens,
                             const torch::Tensor& dense, const torch::Tensor& constant,
                             torch::Dtype type);

}  // namespace musicvae::models
