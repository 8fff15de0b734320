#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include <torch/types.h>

#include "src/base/error.hpp"
#include "src/distributed/process_place.hpp"

namespace musicvae {

/// How long another process may take to appear or to answer.
inline constexpr std::chrono::seconds kAnswerTime{45};

/// Another process has ended, or has not answered for too long.
class LostProcess : public Error {
 public:
  using Error::Error;
};

/// What several processes do together: each makes the same calls in the same order. All throw
/// LostProcess.
class ProcessGroup {
 public:
  virtual ~ProcessGroup() = default;

  /// start_sum() and broadcast() are as in Distributed.
  virtual std::function<void()> start_sum(torch::Tensor tensor) = 0;
  virtual void broadcast(torch::Tensor tensor) = 0;
  /// Process 0 gives `text` to the others.
  virtual void tell(const std::string& text) = 0;
  /// The others wait for the next text, however long process 0 works on it.
  virtual std::string listen() = 0;
};

/// Meets the other processes. Throws Error where they cannot be met, or this program was built
/// without the means.
std::unique_ptr<ProcessGroup> join_processes(const ProcessPlace& place,
                                             const torch::Device& device);

}  // namespace musicvae
