#include "models/families/weights.hpp"

#include "models/layers/bar_attention.hpp"

namespace musicvae::models {

std::int64_t stack_weights(std::int64_t inputs, const StackSize& size, int directions) {
  const std::int64_t hidden = size.hidden;
  const auto upper = (size.layers - 1) * hidden * (directions + 1);
  return 4 * directions * hidden * (inputs + hidden + upper);
}

std::int64_t state_weights(std::int64_t inputs, const StackSize& size) {
  return 2 * inputs * size.layers * size.hidden;
}

std::int64_t encoder_weights(const ModelConfig& config, EncoderKind kind) {
  const auto inputs = std::int64_t{config.row_width} + config.control_width;
  const auto rows = stack_weights(inputs, config.encoder, 2);
  if (kind == EncoderKind::kFlat) return rows;
  const auto bar_inputs = std::int64_t{2} * config.encoder.hidden + config.control_width;
  return rows + stack_weights(bar_inputs, config.encoder, 2);
}

std::int64_t attention_weights(std::int64_t widths, std::int64_t bars) {
  constexpr std::int64_t kNeighbours = 24;
  return BarAttentionImpl::kHeads *
         (BarAttentionImpl::kHeadWidth * widths + 2 * bars + kNeighbours);
}

}  // namespace musicvae::models
