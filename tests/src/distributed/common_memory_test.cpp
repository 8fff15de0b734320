#include "src/distributed/common_memory.hpp"

#include <cstring>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/catch.hpp"

using namespace musicvae;

namespace {

/// What `work` gives as another process.
template <class Work>
bool elsewhere(Work work) {
  const pid_t child = fork();
  if (child == 0) _exit(work() ? 0 : 1);
  int status = -1;
  waitpid(child, &status, 0);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

}  // namespace

TEST_CASE("What one process writes into common memory another reads", "[src][distributed]") {
  const auto memory = CommonMemory::create(1000);
  REQUIRE(memory);
  CHECK(std::to_integer<int>(memory->data()[999]) == 0);
  CHECK(elsewhere([&] {
    const auto seen = CommonMemory::open(memory->name(), 1000);
    if (!seen) return false;
    seen->data()[999] = std::byte{7};
    return true;
  }));
  CHECK(std::to_integer<int>(memory->data()[999]) == 7);
}

TEST_CASE("Common memory is not taken for what it is not", "[src][distributed]") {
  auto memory = CommonMemory::create(1000);
  REQUIRE(memory);
  const auto name = memory->name();
  CHECK(CommonMemory::open(name, 1000));
  CHECK_FALSE(CommonMemory::open(name, 1 << 20));  // Larger than it is.
  CHECK_FALSE(CommonMemory::open("", 1000));
  CHECK_FALSE(CommonMemory::open("nothing of the kind", 1000));
  // The path may lead to something else on another machine.
  const auto other = CommonMemory::create(1000);
  REQUIRE(other);
  const auto way = other->name().substr(0, other->name().find(' '));
  CHECK_FALSE(CommonMemory::open(way + name.substr(name.find(' ')), 1000));
  memory.reset();
  CHECK_FALSE(CommonMemory::open(name, 1000));
}

TEST_CASE("A lock is one process's for as long as it lives", "[src][distributed]") {
  const auto memory = CommonMemory::create(1);
  REQUIRE(memory);
  auto seen = CommonMemory::open(memory->name(), 1);
  REQUIRE(seen);
  CHECK_FALSE(memory->is_locked(3));
  CHECK(seen->lock(3));
  CHECK(memory->is_locked(3));
  CHECK_FALSE(memory->lock(3));
  CHECK(memory->lock(2));
  seen.reset();
  CHECK_FALSE(memory->is_locked(3));
}
