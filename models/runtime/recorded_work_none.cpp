#include <utility>

#include "models/runtime/recorded_work.hpp"

namespace musicvae::models {

struct RecordedWork::Graph {};

RecordedWork::RecordedWork(std::function<void()> work, const torch::Device&)
    : work_(std::move(work)) {
  work_();
}

RecordedWork::~RecordedWork() = default;

void RecordedWork::run() { work_(); }

}  // namespace musicvae::models
