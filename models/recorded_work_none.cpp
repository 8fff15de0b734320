#include <utility>

#include "models/recorded_work.hpp"

namespace musicvae::models {

struct RecordedWork::Graph {};

RecordedWork::RecordedWork(std::function<void()> work, const torch::Device&)
    : work_(std::move(work)) {}

RecordedWork::~RecordedWork() = default;

void RecordedWork::run() { work_(); }

}  // namespace musicvae::models
