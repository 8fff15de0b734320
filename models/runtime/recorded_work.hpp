#pragma once

#include <functional>
#include <memory>

#include <torch/types.h>

namespace musicvae::models {

/// Work that is done many times on the same tensors. On a CUDA device it is recorded as a CUDA
/// graph, so that each time costs the host one launch; elsewhere, and in a program built without
/// CUDA's headers, it is just done.
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
  std::unique_ptr<Graph> graph_;  ///< None where the work is just done.
};

}  // namespace musicvae::models
