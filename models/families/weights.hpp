#pragma once

#include <cstdint>

#include "models/config.hpp"

/// Weights of parts that several families have, biases aside: what a family's estimate is made of.
namespace musicvae::models {

/// A stack of LSTM layers over `inputs` features, in one direction or in both.
std::int64_t stack_weights(std::int64_t inputs, const StackSize& size, int directions);
/// A vector of `inputs` dimensions to the initial states of a stack (StateHead).
std::int64_t state_weights(std::int64_t inputs, const StackSize& size);
/// The encoder of that kind, whatever the config's own is.
std::int64_t encoder_weights(const ModelConfig& config, EncoderKind kind);
/// BarAttention over up to `bars` bars; `widths` are those of a query and of a key together.
std::int64_t attention_weights(std::int64_t widths, std::int64_t bars);

}  // namespace musicvae::models
