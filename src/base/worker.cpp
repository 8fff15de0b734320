#include "src/base/worker.hpp"

namespace musicvae {

Worker::~Worker() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  changed_.notify_one();
  thread_.join();
}

void Worker::give(std::function<void()> task) {
  {
    const std::lock_guard lock(mutex_);
    task_ = std::move(task);
  }
  changed_.notify_one();
}

void Worker::run() {
  for (;;) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return task_ || ending_; });
    if (ending_) return;
    const auto task = std::exchange(task_, nullptr);
    lock.unlock();
    task();
  }
}

}  // namespace musicvae
