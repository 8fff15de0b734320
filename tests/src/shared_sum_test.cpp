#include "src/shared_sum.hpp"

#include <functional>
#include <thread>
#include <vector>

#include <torch/utils.h>

#include "src/process_group.hpp"
#include "tests/catch.hpp"

using namespace musicvae;

namespace {

using Sums = std::vector<std::unique_ptr<SharedSum>>;

/// One for each of `size` processes.
Sums shared_sums(int size) {
  Sums sums;
  sums.push_back(SharedSum::create(size));
  REQUIRE(sums[0]);
  for (int rank = 1; rank < size; ++rank) {
    sums.push_back(SharedSum::open(sums[0]->name(), rank, size));
    REQUIRE(sums.back());
  }
  return sums;
}

/// Runs `work` as each process, as threads.
void together(const Sums& sums, const std::function<void(std::size_t rank)>& work) {
  std::vector<std::thread> threads;
  for (std::size_t rank = 0; rank < sums.size(); ++rank) threads.emplace_back(work, rank);
  for (auto& thread : threads) thread.join();
}

torch::Tensor numbers_of(std::size_t rank, std::int64_t count, torch::Dtype type) {
  return (torch::arange(count) % 1000 * static_cast<std::int64_t>(rank + 1) + 7).to(type);
}

}  // namespace

TEST_CASE("All processes get the sum, of any count and type, time after time",
          "[src][distributed]") {
  for (const int size : {1, 2, 3, 5}) {
    const auto sums = shared_sums(size);
    for (const auto type : {torch::kFloat, torch::kDouble}) {
      // None, fewer than processes, one chunk of memory, and several with a rest.
      for (const std::int64_t count : {0, 1, 2, 1000, 1 << 18, (1 << 19) + 12345}) {
        INFO(size << " processes, " << count << " numbers");
        auto expected = torch::zeros({count}, type);
        for (std::size_t rank = 0; rank < sums.size(); ++rank) {
          expected += numbers_of(rank, count, type);
        }
        std::vector<torch::Tensor> found(sums.size());
        together(sums, [&](std::size_t rank) {
          found[rank] = numbers_of(rank, count, type);
          sums[rank]->add(found[rank]);
        });
        for (const auto& sum : found) CHECK(torch::equal(sum, expected));
      }
    }
  }
}

TEST_CASE("A process that has ended ends the wait of the others", "[src][distributed]") {
  auto sums = shared_sums(3);
  const auto numbers = [] { return torch::ones({10}); };
  together(sums, [&](std::size_t rank) { sums[rank]->add(numbers()); });
  sums[2].reset();
  std::vector<std::string> messages(2);
  together(sums, [&](std::size_t rank) {
    if (rank == 2) return;
    try {
      sums[rank]->add(numbers());
    } catch (const LostProcess& lost) {
      messages[rank] = lost.what();
    }
  });
  for (const auto& message : messages) {
    CHECK(message == "lost another process (process 2 has ended)");
  }
}

TEST_CASE("Shared memory is found by its name until that is taken away", "[src][distributed]") {
  const auto first = SharedSum::create(3);
  REQUIRE(first);
  CHECK(SharedSum::open(first->name(), 1, 3));
  CHECK_FALSE(SharedSum::open(first->name(), 1, 100));  // Larger than it is.
  first->unlink();
  CHECK_FALSE(SharedSum::open(first->name(), 2, 3));
}
