#include "src/distributed/shared_sum.hpp"

#include <functional>
#include <thread>
#include <vector>

#include <torch/utils.h>

#include "src/distributed/process_group.hpp"
#include "tests/catch.hpp"

using namespace musicvae;

namespace {

using Sums = std::vector<std::unique_ptr<SharedSum>>;

/// A sum for each of `size` processes.
Sums shared_sums(int size) {
  const auto memory = CommonMemory::create(SharedSum::bytes(size));
  REQUIRE(memory);
  Sums sums;
  for (int rank = 0; rank < size; ++rank) {
    auto seen = rank == 0 ? memory : CommonMemory::open(memory->name(), SharedSum::bytes(size));
    REQUIRE(seen);
    sums.push_back(SharedSum::join(std::move(seen), rank, size));
    REQUIRE(sums.back());
  }
  return sums;
}

/// Runs `work` for each process, in threads.
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
      // No number, fewer than processes, one chunk of memory, and several chunks with a rest.
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

TEST_CASE("Any piece of a summable vector is summed, and nothing beside it", "[src][distributed]") {
  for (const int size : {1, 2, 3}) {
    const auto sums = shared_sums(size);
    const auto bytes = static_cast<std::size_t>(size * whole_lines(10000)) * sizeof(float);
    const auto memory = CommonMemory::create(bytes);
    REQUIRE(memory);
    std::vector<torch::Tensor> vectors;
    for (std::size_t rank = 0; rank < sums.size(); ++rank) {
      vectors.push_back(sums[rank]->summable(memory, 10000));
      CHECK(torch::equal(vectors[rank], torch::zeros({10000})));
      vectors[rank].copy_(numbers_of(rank, 10000, torch::kFloat));
    }
    auto expected = torch::stack(vectors).sum(0);
    together(sums, [&](std::size_t rank) {
      sums[rank]->add(vectors[rank].narrow(0, 0, 1));
      sums[rank]->add(vectors[rank].narrow(0, 5, 0));
      sums[rank]->add(vectors[rank].narrow(0, 10, 9990));
    });
    for (std::size_t rank = 0; rank < sums.size(); ++rank) {
      auto whole = expected.clone();
      whole.narrow(0, 1, 9).copy_(numbers_of(rank, 10000, torch::kFloat).narrow(0, 1, 9));
      CHECK(torch::equal(vectors[rank], whole));
    }
  }
}

TEST_CASE("A rank's place in common memory is one process's alone", "[src][distributed]") {
  const auto memory = CommonMemory::create(SharedSum::bytes(2));
  REQUIRE(memory);
  const auto seen = CommonMemory::open(memory->name(), SharedSum::bytes(2));
  REQUIRE(seen);
  auto first = SharedSum::join(memory, 0, 2);
  CHECK(first);
  CHECK_FALSE(SharedSum::join(seen, 0, 2));
  CHECK(SharedSum::join(seen, 1, 2));
}
