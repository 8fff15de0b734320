#pragma once

#include <algorithm>
#include <condition_variable>
#include <cstddef>
#include <exception>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

namespace musicvae::datasets {

/// Computes work(0), work(1), ... work(count - 1) on several threads and hands the results over in
/// that order, on the thread that calls run(). Threads run ahead by a few results only, so what
/// waits to be taken stays small.
template <class Result>
class OrderedWork {
 public:
  /// `jobs` threads; 0 or less is one a core.
  OrderedWork(std::size_t count, int jobs)
      : count_(count),
        threads_(jobs > 0 ? std::size_t(jobs) : std::max(1u, std::thread::hardware_concurrency())),
        ready_(kAhead * threads_) {}

  /// Calls take(index, result) for each; rethrows what `work` or `take` throws, which ends the run.
  template <class Work, class Take>
  void run(const Work& work, const Take& take) {
    std::vector<std::thread> threads;
    const Stop stop{*this, threads};
    while (threads.size() < std::min(threads_, count_)) {
      threads.emplace_back([this, &work] { produce(work); });
    }
    for (std::size_t index = 0; index < count_; ++index) {
      take(index, next_result(index));
    }
  }

 private:
  static constexpr std::size_t kAhead = 8;  // Results a thread may be ahead by.

  struct Slot {
    std::optional<Result> result;
    std::exception_ptr error;
  };

  /// Ends the threads however run() is left.
  struct Stop {
    OrderedWork& work;
    std::vector<std::thread>& threads;
    ~Stop() {
      {
        const std::lock_guard lock(work.mutex_);
        work.stopped_ = true;
      }
      work.changed_.notify_all();
      for (std::thread& thread : threads) thread.join();
    }
  };

  std::optional<std::size_t> claim() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] {
      return stopped_ || claimed_ >= count_ || claimed_ < taken_ + ready_.size();
    });
    if (stopped_ || claimed_ >= count_) return {};
    return claimed_++;
  }

  template <class Work>
  void produce(const Work& work) {
    while (const auto index = claim()) {
      Slot slot;
      try {
        slot.result = work(*index);
      } catch (...) {
        slot.error = std::current_exception();
      }
      {
        const std::lock_guard lock(mutex_);
        ready_[*index % ready_.size()] = std::move(slot);
      }
      changed_.notify_all();
    }
  }

  Result next_result(std::size_t index) {
    Slot slot;
    {
      std::unique_lock lock(mutex_);
      Slot& place = ready_[index % ready_.size()];
      changed_.wait(lock, [&place] { return place.result || place.error; });
      slot = std::exchange(place, {});
      taken_ = index + 1;
    }
    changed_.notify_all();
    if (slot.error) std::rethrow_exception(slot.error);
    return std::move(*slot.result);
  }

  std::size_t count_;
  std::size_t threads_;
  std::vector<Slot> ready_;  // Result i waits in place i modulo the size.
  std::size_t claimed_ = 0;
  std::size_t taken_ = 0;
  bool stopped_ = false;
  std::mutex mutex_;
  std::condition_variable changed_;
};

}  // namespace musicvae::datasets
