#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
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

/// The same of values that are stored in a matrix of floats.
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

/// Where a sequence's step lies in the layer's output.
inline std::int64_t output_row(const LayerInput& input, const SequenceChunk& chunk, std::int64_t t,
                               std::int64_t i) {
  if (input.outputs == OutputRows::kPacked) return chunk.row(t, i);
  return chunk.layout->start(chunk.sequence(i)) + t;
}

/// How a layer's work is split: each direction's sequences into chunks, which tasks share. There
/// are several tasks for each thread, as threads do not always get on equally fast.
struct Division {
  explicit Division(const LayerInput& input);

  int tasks() const { return directions * shares; }
  int direction(int task) const { return task % directions; }
  int share(int task) const { return task / directions; }
  /// The most sequences a chunk has.
  std::int64_t chunk_size(const PackedRows& layout) const {
    return ceil_div(layout.sequences(), chunks);
  }

  int directions;
  std::int64_t chunks;  ///< Per direction.
  int shares;           ///< Per direction.
};

/// Calls body(direction, task, chunk) for all chunks; a task's chunks follow each other on one
/// thread.
template <class Body>
void for_chunks(const LayerInput& input, const Division& division, const Body& body) {
  run_tasks(division.tasks(), [&](int task) {
    for (std::int64_t c = division.share(task); c < division.chunks; c += division.shares) {
      body(division.direction(task), task, SequenceChunk{input.layout.get(), c, division.chunks});
    }
  });
}

/// Splits `count` into one range per thread and calls body(begin, end) for each.
template <class Body>
void for_ranges(std::int64_t count, std::int64_t granularity, const Body& body) {
  const auto pieces = std::max<std::int64_t>(1, ceil_div(count, granularity));
  const int tasks = static_cast<int>(std::min<std::int64_t>(thread_count(), pieces));
  const auto share = ceil_div(ceil_div(count, tasks), granularity) * granularity;
  run_tasks(tasks, [&](int task) {
    const auto begin = std::min(count, task * share);
    const auto end = std::min(count, begin + share);
    if (begin < end) body(begin, end);
  });
}

/// Products are made for multiples of 16 rows, so that few kinds are needed.
inline std::int64_t product_rows(std::int64_t active, std::int64_t chunk_size) {
  return std::min(ceil_div(active, 16) * 16, chunk_size);
}

/// The input weights' rows for the dense input, [F, 4H], and for the constant, [C, 4H].
torch::Tensor dense_weights(const LayerInput& input, int direction);
torch::Tensor constant_weights(const LayerInput& input, int direction);

/// A direction's share of the columns of both; undefined of an undefined matrix.
torch::Tensor half_of(const torch::Tensor& matrix_PD, int direction, std::int64_t hidden);

/// pick(0), and pick(1) where there are two.
template <class Pick>
auto per_direction(const LayerInput& input, const Pick& pick) {
  std::vector<decltype(pick(0))> picked;
  for (int d = 0; d < input.directions(); ++d) picked.push_back(pick(d));
  return picked;
}

/// One chunk's running values, one row a sequence, without gaps for the products. Beside h is room
/// for what is multiplied together with it.
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
