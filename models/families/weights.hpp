#pragma once

#include <cstdint>

#include "models/config.hpp"

/// Numbers of weights, without biases, of parts that several families have. A family's estimate is
/// made of them.
namespace musicvae::models {

/// A stack of LSTM layers over `inputs` features, in one direction or in both.
std::int64_t stack_weights(std::int64_t inputs, const StackSize& size, int directions);
/// The layer from a vector of `inputs` dimensions to the initial states of a stack (StateHead).
std::int64_t state_weights(std::int64_t inputs, const StackSize& size);
/// An encoder of `kind`; the config's own encoder_kind does not matter.
std::int64_t encoder_weights(const ModelConfig& config, EncoderKind kind);
/// BarAttention over up to `bars` bars; `widths` is the width of a query plus that of a key.
std::int64_t attention_weights(std::int64_t widths, std::int64_t bars);

}  // namespace musicvae::models
