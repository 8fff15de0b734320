#include "datasets/corpus/parallel.hpp"

#include <atomic>
#include <chrono>
#include <stdexcept>

#include "tests/catch.hpp"

namespace musicvae::datasets {
namespace {

/// Later items are done sooner, so that threads overtake one another.
std::size_t slow_square(std::size_t index) {
  std::this_thread::sleep_for(std::chrono::microseconds(200 * ((97 - index) % 7)));
  return index * index;
}

}  // namespace

TEST_CASE("Results come in order whatever the number of threads", "[datasets][parallel]") {
  const int jobs = GENERATE(0, 1, 2, 7);
  std::vector<std::size_t> order;
  OrderedWork<std::size_t>(97, jobs).run(slow_square, [&](std::size_t index, std::size_t result) {
    REQUIRE(result == index * index);
    order.push_back(index);
  });
  REQUIRE(order.size() == 97);
  CHECK(std::is_sorted(order.begin(), order.end()));
}

TEST_CASE("No work gives no results", "[datasets][parallel]") {
  OrderedWork<int>(0, 2).run([](std::size_t) { return 1; },
                             [](std::size_t, int) { FAIL("there is nothing to take"); });
}

TEST_CASE("An exception of the work or of the taker ends the run", "[datasets][parallel]") {
  const auto failing = [](std::size_t index) {
    if (index == 20) throw std::runtime_error("work");
    return index;
  };
  std::size_t taken = 0;
  CHECK_THROWS_WITH(OrderedWork<std::size_t>(1000, 3).run(
                        failing, [&taken](std::size_t, std::size_t) { ++taken; }),
                    "work");
  CHECK(taken == 20);
  CHECK_THROWS_WITH(OrderedWork<std::size_t>(1000, 3).run(slow_square,
                                                          [](std::size_t index, std::size_t) {
                                                            if (index == 5)
                                                              throw std::runtime_error("taker");
                                                          }),
                    "taker");
}

TEST_CASE("Threads stay within a few results of what was taken", "[datasets][parallel]") {
  std::atomic<std::size_t> started{0};
  std::size_t furthest = 0;
  const auto work = [&started](std::size_t index) { return ++started, index; };
  OrderedWork<std::size_t>(500, 2).run(work, [&](std::size_t index, std::size_t) {
    std::this_thread::sleep_for(std::chrono::microseconds(50));
    furthest = std::max(furthest, started.load() - index);
  });
  CHECK(furthest <= 20);
}

}  // namespace musicvae::datasets
