#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <memory>

#include "src/base/ceil_div.hpp"

namespace musicvae::models {

/// How many threads kernels use: the number that was set, else that of the cores on which this
/// process was allowed to run at the first call.
int thread_count();
/// 0 returns to the default.
void set_thread_count(int threads);

/// Runs task(0) to task(count - 1) on up to thread_count() threads and waits. Within a task,
/// denormals count as zeros and libraries see one thread. Rethrows the first exception.
void run_tasks(int count, const std::function<void(int)>& task);

/// Splits [0, count) into one range per thread, each a multiple of `granularity` long, and calls
/// body(begin, end) for each range.
template <class Body>
void for_ranges(std::int64_t count, std::int64_t granularity, const Body& body) {
  const auto pieces = std::max<std::int64_t>(1, ceil_div(count, granularity));
  const int tasks = static_cast<int>(std::min<std::int64_t>(thread_count(), pieces));
  const auto share = ceil_div(ceil_div(count, tasks), granularity) * granularity;
  run_tasks(tasks, [&](int task) {
    const auto begin = std::min(count, task * share);
    const auto end = std::min(count, begin + share);
    if (begin < end) body(begin, end);
  });
}

/// While it lives, run_tasks() on this thread is fit for many small steps: helpers take tasks when
/// they are free to, so that nothing waits for a thread that has lost its core. Libraries that
/// share out work by OpenMP run on this thread alone, as their other threads would spin between two
/// steps.
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

/// While it lives, this thread takes denormal floats for zeros. Gradients that vanish through time
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
