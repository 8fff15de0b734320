#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include <torch/types.h>

#include "src/distributed/process_group.hpp"
#include "src/distributed/process_place.hpp"

namespace musicvae {

/// The processes that train together, seen from one of them. Each makes the same calls in the same
/// order; a single process is rank 0 of 1, to whom every call is a matter of course. All throw
/// LostProcess where another one has ended.
class Distributed {
 public:
  Distributed() = default;
  /// Meets the others that `place` tells of. `device` is where the tensors to sum are.
  Distributed(const ProcessPlace& place, const torch::Device& device);

  int rank() const { return rank_; }
  int size() const { return size_; }
  /// Whether this is the one that reads, writes and reports.
  bool first() const { return rank_ == 0; }
  /// This process's part of `total` passages.
  Share share(std::int64_t total) const { return share_of(total, rank_, size_); }

  /// Begins to add a contiguous tensor up over all processes, in place; what it gives back waits
  /// for the end.
  std::function<void()> start_sum(const torch::Tensor& tensor) const;
  /// A vector of `count` zeros, placed where start_sum() is fastest with it or pieces of it.
  torch::Tensor summable(std::int64_t count, const torch::TensorOptions& options) const;
  /// A vector of `count` floats, zeros, that all processes have in common; undefined where there
  /// can be none.
  torch::Tensor common(std::int64_t count) const;
  /// Waits for all; each then sees what the others wrote into common vectors.
  void meet() const;
  std::vector<double> sum(const std::vector<double>& values) const;
  /// The largest of all processes' values, none below 0.
  std::int64_t max(std::int64_t value) const;
  /// Overwrites tensors by process 0's.
  void broadcast(const std::vector<torch::Tensor>& tensors) const;
  /// The text that `make` gives on process 0, which alone calls it, however long that takes.
  std::string tell(const std::function<std::string()>& make) const;
  /// Gives the bytes of process 0's file to the others, which `take` them in order; process 0 does
  /// not.
  void share_file(const std::filesystem::path& original,
                  const std::function<void(std::span<const std::byte>)>& take) const;

 private:
  int rank_ = 0;
  int size_ = 1;
  std::unique_ptr<ProcessGroup> group_;  // None for one process.
};

}  // namespace musicvae
