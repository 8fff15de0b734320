#pragma once

#include <functional>

namespace musicvae::models {

/// Threads that kernels use: as set, else the cores this process may run on.
int thread_count();
/// 0 returns to the default.
void set_thread_count(int threads);

/// Runs task(0) to task(count - 1) on up to thread_count() threads and waits. Within a task,
/// denormals count as zeros and libraries see one thread. Rethrows the first exception.
void run_tasks(int count, const std::function<void(int)>& task);

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
