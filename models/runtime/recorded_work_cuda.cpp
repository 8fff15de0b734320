#include <utility>

#include <ATen/cuda/CUDAGraph.h>
#include <c10/cuda/CUDAGuard.h>
#include <c10/cuda/CUDAStream.h>

#include "models/runtime/recorded_work.hpp"

namespace musicvae::models {
namespace {

/// Libraries set themselves up when first used on a stream, which cannot be recorded.
constexpr int kRunsBefore = 3;

}  // namespace

struct RecordedWork::Graph {
  at::cuda::CUDAGraph recording;
};

RecordedWork::RecordedWork(std::function<void()> work, const torch::Device& device)
    : work_(std::move(work)) {
  work_();
  if (!device.is_cuda()) return;
  // The default stream cannot be recorded.
  const auto stream = c10::cuda::getStreamFromPool(/*isHighPriority=*/false, device.index());
  c10::cuda::getCurrentCUDAStream(device.index()).synchronize();
  const c10::cuda::CUDAStreamGuard guard(stream);
  for (int i = 0; i < kRunsBefore; ++i) work_();
  stream.synchronize();
  graph_ = std::make_unique<Graph>();
  graph_->recording.capture_begin();
  work_();
  graph_->recording.capture_end();
}

RecordedWork::~RecordedWork() = default;

void RecordedWork::run() {
  if (graph_) {
    graph_->recording.replay();
  } else {
    work_();
  }
}

}  // namespace musicvae::models
