#include "models/kernels/threads.hpp"

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <exception>
#include <thread>
#include <vector>

#ifdef __linux__
#include <pthread.h>
#include <sched.h>
#endif

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
void relax() { _mm_pause(); }
#elif defined(__aarch64__)
constexpr unsigned long long kFlushToZero = 1ULL << 24;

unsigned long long float_control() {
  unsigned long long value;
  asm volatile("mrs %0, fpcr" : "=r"(value));
  return value;
}
void set_float_control(unsigned long long value) { asm volatile("msr fpcr, %0" ::"r"(value)); }
unsigned long long without_denormals(unsigned long long value) { return value | kFlushToZero; }
void relax() { asm volatile("yield"); }
#else
unsigned long long float_control() { return 0; }
void set_float_control(unsigned long long) {}
unsigned long long without_denormals(unsigned long long value) { return value; }
void relax() {}
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

/// Runs the body of a task as run_tasks() promises.
template <class Body>
void run_guarded(FirstException& error, const Body& body) {
  const DenormalsAreZero guard;
  try {
    body();
  } catch (...) {
    error.keep();
  }
}

/// Runs tasks that no other thread has taken until none are left.
void run_share(std::atomic<int>& next, int count, const std::function<void(int)>& task,
               FirstException& error) {
  run_guarded(error, [&] {
    for (int i = next++; i < count; i = next++) task(i);
  });
}

/// From now on, libraries that are called on this thread see one thread.
void leave_libraries_one_thread() {
#ifdef _OPENMP
  omp_set_num_threads(1);
#endif
}

/// While it lives, libraries that are called on this thread see one thread.
class OneLibraryThread {
 public:
  OneLibraryThread() { leave_libraries_one_thread(); }
#ifdef _OPENMP
  ~OneLibraryThread() { omp_set_num_threads(saved_); }

 private:
  int saved_ = omp_get_max_threads();
#endif
};

/// The cores on which this process may run. std::thread::hardware_concurrency() may count all of
/// the machine's.
int allowed_cores() {
#ifdef __linux__
  cpu_set_t allowed;
  if (sched_getaffinity(0, sizeof allowed, &allowed) == 0) return CPU_COUNT(&allowed);
#endif
  return std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
}

/// Moves a new thread to another core than this thread's, if there is one. The operating system may
/// have put it on the same core, where it would wait until this thread sleeps.
void spread(std::thread& thread) {
#ifdef __linux__
  cpu_set_t allowed;
  if (sched_getaffinity(0, sizeof allowed, &allowed) != 0) return;
  cpu_set_t others = allowed;
  CPU_CLR(static_cast<std::size_t>(sched_getcpu()), &others);
  if (CPU_COUNT(&others) == 0) return;
  pthread_setaffinity_np(thread.native_handle(), sizeof others, &others);
  pthread_setaffinity_np(thread.native_handle(), sizeof allowed, &allowed);
#else
  static_cast<void>(thread);
#endif
}

}  // namespace

int thread_count() {
  static const int allowed = allowed_cores();
  const int chosen = chosen_threads.load();
  return chosen > 0 ? chosen : allowed;
}

void set_thread_count(int threads) { chosen_threads.store(std::max(0, threads)); }

/// The helpers, who take tasks as they come.
class StepThreads::Team {
 public:
  explicit Team(int helpers) {
    for (int i = 0; i < helpers; ++i) {
      helpers_.emplace_back([this] { help(); });
      spread(helpers_.back());
    }
  }

  ~Team() {
    stop_ = true;
    open(0, nullptr);
    for (auto& helper : helpers_) helper.join();
  }

  void run(int count, const std::function<void(int)>& task) {
    FirstException error;
    const std::function<void(int)> guarded = [&](int i) { run_guarded(error, [&] { task(i); }); };
    unfinished_ = count;
    open(count, &guarded);
    while (take_task()) {
    }
    wait_while(unfinished_, [](int unfinished) { return unfinished > 0; });
    error.rethrow();
  }

 private:
  static constexpr std::uint64_t kIndex = 0xffffffff;
  static constexpr int kPatience = 20000;  // Spins before sleeping: about a millisecond.

  /// Spins, then sleeps. It does not yield in between, which could lose the core for milliseconds.
  template <class T, class Condition>
  static void wait_while(std::atomic<T>& value, const Condition& condition) {
    for (int i = 0; i < kPatience; ++i) {
      if (!condition(value.load())) return;
      relax();
    }
    for (T seen = value; condition(seen); seen = value) value.wait(seen);
  }

  /// Makes tasks 0 to count - 1 of a new round available. While the round is set up, the ticket
  /// allows no task, so that no helper takes a task of one round with the ticket of another.
  void open(int count, const std::function<void(int)>* task) {
    const auto round = (ticket_.load() >> 32) + 1;
    ticket_ = round << 32 | kIndex;
    count_ = count;
    task_ = task;
    ticket_ = round << 32;
    ticket_.notify_all();
  }

  /// Runs the next task, if there is one.
  bool take_task() {
    auto ticket = ticket_.load();
    while (static_cast<int>(ticket & kIndex) >= 0) {
      const auto* task = task_.load();
      if (static_cast<int>(ticket & kIndex) >= count_.load()) return false;
      if (!ticket_.compare_exchange_weak(ticket, ticket + 1)) continue;
      (*task)(static_cast<int>(ticket & kIndex));
      if (unfinished_.fetch_sub(1) == 1) unfinished_.notify_all();
      return true;
    }
    return false;
  }

  void help() {
    leave_libraries_one_thread();
    while (!stop_) {
      const auto seen = ticket_.load();
      if (take_task()) continue;
      wait_while(ticket_, [&](std::uint64_t ticket) { return ticket == seen; });
    }
  }

  std::atomic<std::uint64_t> ticket_{
      0};  // The round in its upper half, the next task in the lower.
  std::atomic<int> count_{0};
  std::atomic<const std::function<void(int)>*> task_{nullptr};
  std::atomic<int> unfinished_{0};
  std::atomic<bool> stop_{false};
  std::vector<std::thread> helpers_;
  OneLibraryThread libraries_;
};

thread_local StepThreads::Team* StepThreads::current_ = nullptr;

StepThreads::StepThreads() : team_(std::make_unique<Team>(thread_count() - 1)) {
  current_ = team_.get();
}

StepThreads::~StepThreads() { current_ = nullptr; }

void run_tasks(int count, const std::function<void(int)>& task) {
  const int threads = std::max(1, std::min(count, thread_count()));
  if (threads > 1 && StepThreads::current_) return StepThreads::current_->run(count, task);
  FirstException error;
  std::atomic<int> next{0};
  if (threads == 1) {
    // Without a parallel region, whose idle threads would spin.
    const OneLibraryThread libraries;
    run_share(next, count, task, error);
  } else {
#pragma omp parallel num_threads(threads)
    {
      leave_libraries_one_thread();
      run_share(next, count, task, error);
    }
  }
  error.rethrow();
}

DenormalsAreZero::DenormalsAreZero() : saved_(float_control()) {
  set_float_control(without_denormals(saved_));
}

DenormalsAreZero::~DenormalsAreZero() { set_float_control(saved_); }

}  // namespace musicvae::models
