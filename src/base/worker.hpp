#pragma once

#include <condition_variable>
#include <functional>
#include <future>
#include <mutex>
#include <thread>
#include <utility>

namespace musicvae {

/// One thread for work that would keep others from their time. It lives on between tasks, as
/// libraries keep a team of threads for each thread that asks for one.
class Worker {
 public:
  Worker() : thread_([this] { run(); }) {}
  ~Worker();  ///< Waits for the task that runs.
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  /// Runs `task` once the one before, whose result is to be there, is done.
  template <class Task>
  auto start(Task task) -> std::future<decltype(task())> {
    // Shared, as std::function copies.
    auto packaged = std::make_shared<std::packaged_task<decltype(task())()>>(std::move(task));
    auto result = packaged->get_future();
    give([packaged] { (*packaged)(); });
    return result;
  }

 private:
  void give(std::function<void()> task);
  void run();

  std::mutex mutex_;  // Guards the next two.
  std::function<void()> task_;
  bool ending_ = false;
  std::condition_variable changed_;
  std::thread thread_;
};

/// Whether what a future promises is there.
template <class Result>
bool is_ready(const std::future<Result>& future) {
  return future.wait_for(std::chrono::seconds(0)) == std::future_status::ready;
}

}  // namespace musicvae
