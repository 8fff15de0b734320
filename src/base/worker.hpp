#pragma once

#include <condition_variable>
#include <functional>
#include <future>
#include <mutex>
#include <thread>
#include <utility>

namespace musicvae {

/// A thread for work that would make the calling thread late. It lives on between tasks, because
/// libraries keep a team of threads for each thread that asks for one.
class Worker {
 public:
  Worker() : thread_([this] { run(); }) {}
  ~Worker();  ///< Waits for the task that runs.
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  /// Runs `task`. The task before must be done, and its result be there.
  template <class Task>
  auto start(Task task) -> std::future<decltype(task())> {
    // A std::function copies what it holds, and a packaged_task cannot be copied.
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
