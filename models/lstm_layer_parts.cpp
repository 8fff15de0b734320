#include "models/lstm_layer_parts.hpp"

namespace musicvae::models {
namespace {

/// Sequences that a thread takes through time at once: their gates stay in its second-level cache.
constexpr std::int64_t kChunkSequences = 128;

}  // namespace

Division::Division(const LayerInput& input)
    : directions(input.directions()),
      workers(static_cast<int>(
          std::clamp<std::int64_t>(thread_count() / directions, 1, input.layout->sequences()))),
      chunks(workers * ceil_div(ceil_div(input.layout->sequences(), workers), kChunkSequences)) {}

torch::Tensor dense_weights(const LayerInput& input, int direction) {
  return input.weights[direction].input_IG.narrow(0, input.classes(), input.dense_features());
}

torch::Tensor constant_weights(const LayerInput& input, int direction) {
  return input.weights[direction].input_IG.narrow(0, input.classes() + input.dense_features(),
                                                  input.constant_features());
}

torch::Tensor half_of(const torch::Tensor& matrix_PD, int direction, std::int64_t hidden) {
  return matrix_PD.defined() ? matrix_PD.narrow(1, direction * hidden, hidden) : torch::Tensor{};
}

std::vector<PackedMatrix> pack_recurrent(const LayerInput& input, const Division& division,
                                         bool transposed) {
  const auto hidden = input.hidden();
  const auto inner = transposed ? 4 * hidden : hidden;
  const auto columns = transposed ? hidden : 4 * hidden;
  std::vector<PackedMatrix> packed;
  for (const auto& weights : input.weights) {
    packed.emplace_back(view(weights.recurrent_HG, transposed), inner, columns,
                        division.chunk_size(*input.layout), input.factors);
  }
  return packed;
}

}  // namespace musicvae::models
