#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include <torch/types.h>

#include "src/distributed/common_memory.hpp"

namespace musicvae {

/// Adds numbers up over the processes of one machine in memory that they have in common; a network
/// between them would copy every number four times, through the kernel. Each process makes the same
/// calls in the same order, and the same bits come out on all.
class SharedSum {
 public:
  /// How many bytes of memory `size` processes need to begin with.
  static std::size_t bytes(int size);
  /// Joins the sum in `memory`, which has bytes(size) and is the same for all processes. Null where
  /// another process holds this rank there.
  static std::unique_ptr<SharedSum> join(std::shared_ptr<CommonMemory> memory, int rank, int size);

  /// A vector of `count` zeros, floats. `memory` is the same for all processes and holds
  /// whole_lines(count) floats for each. To sum the vector, or pieces of it, needs no copying.
  torch::Tensor summable(const std::shared_ptr<CommonMemory>& memory, std::int64_t count);

  /// Whether add() takes tensors of this type and place.
  static bool takes(const torch::TensorOptions& options);
  /// Overwrites a contiguous tensor with the sum over all processes. Throws LostProcess.
  void add(const torch::Tensor& tensor);
  /// Waits for all processes. Each then sees what the others wrote before. Throws LostProcess.
  void meet();

 private:
  struct Progress;

  SharedSum(std::shared_ptr<CommonMemory> memory, int rank, int size)
      : memory_(std::move(memory)), rank_(rank), size_(size) {}

  struct Row {
    torch::Tensor vector;       ///< This process's.
    std::vector<float*> parts;  ///< Where the vectors of all ranks begin.
  };

  template <class Value>
  void add_copy(Value* values, std::int64_t count);
  template <class Value>
  void sum(const std::vector<Value*>& parts, std::int64_t count);
  Progress& progress(int rank) const;
  void await(int rank) const;

  std::shared_ptr<CommonMemory> memory_;
  std::vector<Row> rows_;
  int rank_;
  int size_;
  std::uint64_t round_ = 0;
};

}  // namespace musicvae
