#pragma once

#include <cstdint>

#include "models/lstm/types.hpp"

namespace musicvae::models {

/// N and T of an LstmInput.
struct LstmExtent {
  std::int64_t sequences = 0;
  std::int64_t steps = 0;
};

/// Throws c10::Error unless every tensor that `options` asks for is there, with one N and T.
LstmExtent check_lstm_input(const LstmOptions& options, const LstmInput& input);

/// `initial` with zeros in place of undefined tensors, of the type and device of `like`. Throws
/// c10::Error on a wrong shape.
LstmState complete_lstm_state(const LstmOptions& options, const LstmState& initial,
                              std::int64_t sequences, const torch::Tensor& like);

inline int lstm_directions(const LstmOptions& options) { return options.bidirectional ? 2 : 1; }

/// Rows of the first layer's input weights.
inline std::int64_t lstm_inputs(const LstmOptions& options) {
  return std::int64_t{options.token_classes} + options.dense_features + options.constant_features;
}

}  // namespace musicvae::models
