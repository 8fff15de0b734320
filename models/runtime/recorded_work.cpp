#include "models/runtime/recorded_work.hpp"

#include <stdexcept>
#include <utility>

#ifdef MUSICVAE_HAS_CUDA_GRAPHS
#include <ATen/cuda/CUDAGraph.h>
#include <c10/cuda/CUDAGuard.h>
#include <c10/cuda/CUDAStream.h>
#endif

namespace musicvae::models {

#ifdef MUSICVAE_HAS_CUDA_GRAPHS

struct RecordedWork::Graph {
  static constexpr bool kBuiltIn = true;

  Graph(const std::function<void()>& work, const torch::Device& device) {
    // Libraries set themselves up when first used on a stream, which cannot be recorded.
    constexpr int kRunsBefore = 3;
    // The default stream cannot be recorded.
    const auto stream = c10::cuda::getStreamFromPool(/*isHighPriority=*/false, device.index());
    c10::cuda::getCurrentCUDAStream(device.index()).synchronize();
    const c10::cuda::CUDAStreamGuard guard(stream);
    for (int i = 0; i < kRunsBefore; ++i) work();
    stream.synchronize();
    recording.capture_begin();
    work();
    recording.capture_end();
  }

  void replay() { recording.replay(); }

  at::cuda::CUDAGraph recording;
};

#else

struct RecordedWork::Graph {
  static constexpr bool kBuiltIn = false;

  Graph(const std::function<void()>&, const torch::Device&) { replay(); }

  [[noreturn]] void replay() { throw std::logic_error("this build has no CUDA graphs"); }
};

#endif

RecordedWork::RecordedWork(std::function<void()> work, const torch::Device& device)
    : work_(std::move(work)) {
  work_();
  if (Graph::kBuiltIn && device.is_cuda()) graph_ = std::make_unique<Graph>(work_, device);
}

RecordedWork::~RecordedWork() = default;

void RecordedWork::run() {
  if (graph_) {
    graph_->replay();
  } else {
    work_();
  }
}

}  // namespace musicvae::models
