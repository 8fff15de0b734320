#include "models/lstm/layer_parts.hpp"

namespace musicvae::models {
namespace {

/// A thread takes at most so many sequences through time at once: their gates stay in its
/// second-level cache.
constexpr std::int64_t kChunkSequences = 128;

/// One for each thread at least, unless there are fewer sequences.
std::int64_t chunks_of(const LayerInput& input) {
  const auto sequences = input.layout->sequences();
  const auto workers = std::clamp<std::int64_t>(thread_count() / input.directions(), 1, sequences);
  return workers * ceil_div(ceil_div(sequences, workers), kChunkSequences);
}

/// Bounded, because each task has gradient sums of its own.
int shares_of(std::int64_t chunks) {
  return static_cast<int>(std::min<std::int64_t>(chunks, 4 * thread_count()));
}

}  // namespace

LayerTasks::LayerTasks(const LayerInput& input)
    : directions(input.directions()), chunks(chunks_of(input)), shares(shares_of(chunks)) {}

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

}  // namespace musicvae::models
