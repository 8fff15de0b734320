#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include <torch/types.h>

namespace musicvae {

/// Adds tensors up over the processes of one machine in memory that they share; a network between
/// them would copy every number four times, through the kernel. Each process makes the same calls
/// in the same order, and the same bits come out on all.
class SharedSum {
 public:
  /// On rank 0: makes the memory; null where the system gives none.
  static std::unique_ptr<SharedSum> create(int size);
  /// On the others: rank 0's by its name; null where that is not to be found.
  static std::unique_ptr<SharedSum> open(const std::string& name, int rank, int size);

  ~SharedSum();
  SharedSum(const SharedSum&) = delete;
  SharedSum& operator=(const SharedSum&) = delete;

  const std::string& name() const;
  /// On rank 0, once all others have opened it: takes the name away, so that nothing stays behind
  /// when the processes have gone.
  void unlink();

  /// Whether add() takes tensors of this type and place.
  static bool takes(const torch::Tensor& tensor);
  /// Makes a contiguous tensor the sum of all processes'. Throws LostProcess.
  void add(const torch::Tensor& tensor);

 private:
  class Region;

  SharedSum(std::unique_ptr<Region> region, int rank, int size);

  template <class Value>
  void add(Value* values, std::int64_t count);
  template <class Value>
  void add_chunk(Value* values, std::int64_t count);

  std::unique_ptr<Region> region_;
  int rank_;
  int size_;
  std::uint64_t round_ = 0;
};

}  // namespace musicvae
