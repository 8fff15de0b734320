#pragma once

#include <functional>
#include <memory>

namespace musicvae::models {

/// Threads that kernels use: as set, else the cores this process might run on when first asked.
int thread_count();
/// 0 returns to the default.
void set_thread_count(int threads);

/// Runs task(0) to task(count - 1) on up to thread_count() threads and waits. Within a task,
/// denormals count as zeros and libraries see one thread. Rethrows the first exception.
void run_tasks(int count, const std::function<void(int)>& task);

/// While it lives, for one with many small steps to take: this thread's run_tasks() shares out to
/// helpers who take a task when they are free to, so that nothing waits for a thread without a
/// processor, and LibTorch's operators run on this thread alone, as others would spin between them.
class StepThreads {
 public:
  StepThreads();
  ~StepThreads();
  StepThreads(const StepThreads&) = delete;
  StepThreads& operator=(const StepThreads&) = delete;

 private:
  class Team;

  static thread_local Team* current_;
  friend void run_tasks(int count, const std::function<void(int)>& task);

  std::unique_ptr<Team> team_;
};

/// While it lives, this thread takes denormal floats for zeros: gradients vanishing through time
/// become denormals, with which arithmetic is ten times slower.
class DenormalsAreZero {
 public:
  DenormalsAreZero();
  ~DenormalsAreZero();
  DenormalsAreZero(const DenormalsAreZero&) = delete;
  DenormalsAreZero& operator=(const DenormalsAreZero&) = delete;

 private:
  unsigned long long saved_;
};

}  // namespace musicvae::models
