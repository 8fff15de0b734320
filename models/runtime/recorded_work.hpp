#pragma once

#include <functional>
#include <memory>

#include <torch/types.h>

namespace musicvae::models {

/// Work that is done many times on the same tensors. On a CUDA device it is recorded as a CUDA
/// graph, so that each run costs the host one launch. On other devices, and in a build without
/// CUDA's headers, each run does the work itself.
class RecordedWork {
 public:
  /// Does `work` once or a few times. It must not wait for the device, nor depend on anything but
  /// the tensors' values.
  RecordedWork(std::function<void()> work, const torch::Device& device);
  ~RecordedWork();
  RecordedWork(const RecordedWork&) = delete;
  RecordedWork& operator=(const RecordedWork&) = delete;

  void run();

 private:
  struct Graph;

  std::function<void()> work_;
  std::unique_ptr<Graph> graph_;  ///< Null where the work is not recorded.
};

}  // namespace musicvae::models
