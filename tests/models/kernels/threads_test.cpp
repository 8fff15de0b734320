#include "models/kernels/threads.hpp"

#include <atomic>
#include <memory>
#include <stdexcept>
#include <vector>

#include "tests/catch.hpp"

using namespace musicvae::models;

namespace {

/// As many threads as asked for, for one test.
class Threads {
 public:
  explicit Threads(int count) { set_thread_count(count); }
  ~Threads() { set_thread_count(0); }
};

std::vector<int> runs_of_tasks(int count) {
  std::vector<std::atomic<int>> runs(static_cast<std::size_t>(count));
  run_tasks(count, [&](int task) { ++runs[static_cast<std::size_t>(task)]; });
  return {runs.begin(), runs.end()};
}

}  // namespace

TEST_CASE("Every task runs once, for any number of tasks and threads", "[kernels][threads]") {
  for (const int threads : {1, 2, 5}) {
    const Threads chosen(threads);
    for (const bool small_steps : {false, true}) {
      const auto step_threads = small_steps ? std::make_unique<StepThreads>() : nullptr;
      for (const int count : {0, 1, 2, 3, 50}) {
        CHECK(runs_of_tasks(count) == std::vector<int>(static_cast<std::size_t>(count), 1));
      }
    }
  }
}

TEST_CASE("A round of tasks is over when run_tasks() returns, however many follow each other",
          "[kernels][threads]") {
  const Threads chosen(4);
  const StepThreads step_threads;
  bool right = true;
  for (int round = 0; round < 20000; ++round) {
    const int count = 2 + round % 7;
    std::vector<int> result(static_cast<std::size_t>(count), -1);
    run_tasks(count, [&](int task) { result[static_cast<std::size_t>(task)] = round + task; });
    for (int task = 0; task < count; ++task) {
      right &= result[static_cast<std::size_t>(task)] == round + task;
    }
  }
  CHECK(right);
}

TEST_CASE("An exception in a task comes to the caller, and the next round runs",
          "[kernels][threads]") {
  const Threads chosen(3);
  for (const bool small_steps : {false, true}) {
    const auto step_threads = small_steps ? std::make_unique<StepThreads>() : nullptr;
    CHECK_THROWS_AS(run_tasks(9,
                              [](int task) {
                                if (task % 4 == 1) throw std::runtime_error("task");
                              }),
                    std::runtime_error);
    CHECK(runs_of_tasks(9) == std::vector<int>(9, 1));
  }
}
