#include "models/threads.hpp"

#include <algorithm>
#include <atomic>
#include <exception>
#include <thread>

#ifdef _OPENMP
#include <omp.h>
#endif
#ifdef __SSE2__
#include <immintrin.h>
#endif

namespace musicvae::models {
namespace {

std::atomic<int> chosen_threads{0};

#if defined(__SSE2__)
constexpr unsigned kFlushToZeroAndDenormalsAreZero = 0x8040;

unsigned long long float_control() { return _mm_getcsr(); }
void set_float_control(unsigned long long value) { _mm_setcsr(static_cast<unsigned>(value)); }
unsigned long long without_denormals(unsigned long long value) {
  return value | kFlushToZeroAndDenormalsAreZero;
}
#elif defined(__aarch64__)
constexpr unsigned long long kFlushToZero = 1ULL << 24;

unsigned long long float_control() {
  unsigned long long value;
  asm volatile("mrs %0, fpcr" : "=r"(value));
  return value;
}
void set_float_control(unsigned long long value) { asm volatile("msr fpcr, %0" ::"r"(value)); }
unsigned long long without_denormals(unsigned long long value) { return value | kFlushToZero; }
#else
unsigned long long float_control() { return 0; }
void set_float_control(unsigned long long) {}
unsigned long long without_denormals(unsigned long long value) { return value; }
#endif

/// Keeps the first exception thrown on any thread.
class FirstException {
 public:
  void keep() {
    if (!taken_.test_and_set()) exception_ = std::current_exception();
  }
  void rethrow() const {
    if (exception_) std::rethrow_exception(exception_);
  }

 private:
  std::atomic_flag taken_ = ATOMIC_FLAG_INIT;
  std::exception_ptr exception_;
};

void run_share(int first, int stride, int count, const std::function<void(int)>& task,
               FirstException& error) {
  const DenormalsAreZero guard;
  try {
    for (int i = first; i < count; i += stride) task(i);
  } catch (...) {
    error.keep();
  }
}

}  // namespace

int thread_count() {
  const int chosen = chosen_threads.load();
  // On Linux this counts the cores in the process's affinity mask, not the machine's.
  return chosen > 0 ? chosen : std::max(1U, std::thread::hardware_concurrency());
}

void set_thread_count(int threads) { chosen_threads.store(std::max(0, threads)); }

void run_tasks(int count, const std::function<void(int)>& task) {
  FirstException error;
#ifdef _OPENMP
  const int threads = std::max(1, std::min(count, thread_count()));
  if (threads == 1) {
    // Without a team: the idle threads of one would spin.
    const int libraries_threads = omp_get_max_threads();
    omp_set_num_threads(1);
    run_share(0, 1, count, task, error);
    omp_set_num_threads(libraries_threads);
    error.rethrow();
    return;
  }
#pragma omp parallel num_threads(threads)
  {
    omp_set_num_threads(1);
    run_share(omp_get_thread_num(), omp_get_num_threads(), count, task, error);
  }
#else
  run_share(0, 1, count, task, error);
#endif
  error.rethrow();
}

DenormalsAreZero::DenormalsAreZero() : saved_(float_control()) {
  set_float_control(without_denormals(saved_));
}

DenormalsAreZero::~DenormalsAreZero() { set_float_control(saved_); }

}  // namespace musicvae::models
