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
/// order. A single process is rank 0 of 1, for which every call is trivial. All throw LostProcess
/// where another process has ended.
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

  /// Begins to sum a contiguous tensor over all processes, in place. The function that it returns
  /// waits for the sum.
  std::function<void()> start_sum(const torch::Tensor& tensor) const;
  std::vector<double> sum(const std::vector<double>& values) const;
  /// The largest of all processes' values, which are not negative.
  std::int64_t max(std::int64_t value) const;
  /// Overwrites the tensors with those of process 0.
  void broadcast(const std::vector<torch::Tensor>& tensors) const;
  /// Gives all processes the text that `make` returns on process 0, however long that takes.
  std::string tell(const std::function<std::string()>& make) const;
  /// Sends the file of process 0 to the others, each of which passes the bytes to `take` in order.
  /// Process 0 does not call `take`.
  void share_file(const std::filesystem::path& original,
                  const std::function<void(std::span<const std::byte>)>& take) const;

 private:
  int rank_ = 0;
  int size_ = 1;
  std::unique_ptr<ProcessGroup> group_;  // Null for one process.
};

}  // namespace musicvae
