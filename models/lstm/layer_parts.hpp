#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <memory>
#include <vector>

#include <torch/types.h>

#include "models/kernels/gemm.hpp"
#include "models/kernels/threads.hpp"
#include "models/lstm/layer.hpp"
#include "models/lstm/walk.hpp"
#include "src/base/ceil_div.hpp"

/// What the forward and backward pass of a layer have in common: how its work is split among
/// threads, and its weights as matrices.
namespace musicvae::models {

inline float* row_of(const torch::Tensor& matrix, std::int64_t row) {
  return matrix.data_ptr<float>() + row * matrix.stride(0);
}

/// The same for values of another type in the memory of a matrix of floats.
template <class Value>
Value* row_of(const torch::Tensor& matrix, std::int64_t row) {
  return reinterpret_cast<Value*>(row_of(matrix, row));
}

inline MatrixView view(const torch::Tensor& matrix, bool transposed = false) {
  return {matrix.data_ptr<float>(), matrix.stride(0), transposed};
}

inline void copy_floats(float* to, const float* from, std::int64_t count) {
  std::memcpy(to, from, count * sizeof(float));
}

/// The row of the layer's output that holds a sequence's step.
inline std::int64_t output_row(const LayerInput& input, const SequenceChunk& chunk, std::int64_t t,
                               std::int64_t i) {
  if (input.outputs == OutputRows::kPacked) return chunk.row(t, i);
  return chunk.layout->start(chunk.sequence(i)) + t;
}

/// How a layer's work is split: each direction's sequences into chunks, and the chunks among tasks.
/// There are several tasks for each thread, as some threads may be slower than others.
struct LayerTasks {
  explicit LayerTasks(const LayerInput& input);

  int count() const { return directions * shares; }

  int direction(int task) const { return task % directions; }
  int share(int task) const { return task / directions; }
  /// The number of sequences in the largest chunk.
  std::int64_t chunk_size(const PackedRows& layout) const {
    return ceil_div(layout.sequences(), chunks);
  }

  int directions;
  std::int64_t chunks;  ///< Chunks of each direction.
  int shares;           ///< Tasks of each direction.
};

/// Calls body(direction, task, chunk) for all chunks. A task's chunks follow each other on one
/// thread.
template <class Body>
void for_chunks(const LayerInput& input, const LayerTasks& tasks, const Body& body) {
  run_tasks(tasks.count(), [&](int task) {
    for (std::int64_t c = tasks.share(task); c < tasks.chunks; c += tasks.shares) {
      body(tasks.direction(task), task, SequenceChunk{input.layout.get(), c, tasks.chunks});
    }
  });
}

/// The rows with which a product is computed: a multiple of 16 where the chunk has so many, as
/// oneDNN prepares each number of rows by itself.
inline std::int64_t product_rows(std::int64_t active, std::int64_t chunk_size) {
  return std::min(ceil_div(active, 16) * 16, chunk_size);
}

/// The rows of the input weights that multiply the dense input, [F, 4H], and the constant, [C, 4H].
torch::Tensor dense_weights(const LayerInput& input, int direction);
torch::Tensor constant_weights(const LayerInput& input, int direction);

/// One direction's columns of a matrix that holds all directions'; undefined if that is.
torch::Tensor half_of(const torch::Tensor& matrix_PD, int direction, std::int64_t hidden);

/// pick(0), and pick(1) where there are two.
template <class Pick>
auto per_direction(const LayerInput& input, const Pick& pick) {
  std::vector<decltype(pick(0))> picked;
  for (int d = 0; d < input.directions(); ++d) picked.push_back(pick(d));
  return picked;
}

/// Memory for a PackedMatrix. It is a tensor's, because a BufferCache keeps that in huge pages.
inline std::shared_ptr<void> tensor_memory(std::size_t bytes) {
  const auto tensor = torch::empty({static_cast<std::int64_t>(bytes)}, torch::kByte);
  return {tensor.data_ptr(), [tensor](void*) {}};
}

/// The current values of one chunk, a row for each sequence and without gaps, as products want
/// them. `joined` columns beside h are room for a dense input that is multiplied together with it.
struct Running {
  Running(std::int64_t sequences, std::int64_t hidden, std::int64_t joined = 0)
      : gates_NG(torch::empty({sequences, 4 * hidden})),
        h_NH(torch::empty({sequences, hidden + joined})),
        c_NH(torch::empty({sequences, hidden})) {}

  torch::Tensor gates_NG;
  torch::Tensor h_NH;  ///< [N, H and more].
  torch::Tensor c_NH;
};

}  // namespace musicvae::models
