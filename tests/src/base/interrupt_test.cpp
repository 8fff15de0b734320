#include "src/base/interrupt.hpp"

#include <csignal>
#include <cstdint>

#include "tests/catch.hpp"

namespace musicvae {
namespace {

volatile std::uintptr_t handled_at = 0;

/// The address of a local variable in a handler of `signal` that has the guard's flags.
std::uintptr_t stack_of_handler(int signal) {
  struct sigaction guarded {};
  sigaction(signal, nullptr, &guarded);
  struct sigaction action = guarded;
  action.sa_handler = [](int) {
    const char local = 0;
    handled_at = reinterpret_cast<std::uintptr_t>(&local);
  };
  sigaction(signal, &action, nullptr);
  std::raise(signal);
  sigaction(signal, &guarded, nullptr);
  return handled_at;
}

TEST_CASE("A guarded interrupt is noted, and what came before is restored", "[src][interrupt]") {
  struct sigaction before {};
  sigaction(SIGINT, nullptr, &before);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    const InterruptGuard guard;
    CHECK_FALSE(InterruptGuard::requested());
    std::raise(signal);
    CHECK(InterruptGuard::requested());
  }
  struct sigaction after {};
  sigaction(SIGINT, nullptr, &after);
  CHECK(after.sa_handler == before.sa_handler);
}

TEST_CASE(
    "An interrupt is handled on a stack of its own, as matrix products use the other's pointer",
    "[src][interrupt]") {
  const InterruptGuard guard;
  stack_t stack{};
  REQUIRE(sigaltstack(nullptr, &stack) == 0);
  REQUIRE((stack.ss_flags & SS_DISABLE) == 0);
  const auto begin = reinterpret_cast<std::uintptr_t>(stack.ss_sp);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    const auto local = stack_of_handler(signal);
    CHECK(local >= begin);
    CHECK(local < begin + stack.ss_size);
  }
}

TEST_CASE("A hangup that is ignored, as under nohup, stays ignored", "[src][interrupt]") {
  struct sigaction before {};
  struct sigaction ignore {};
  ignore.sa_handler = SIG_IGN;
  sigaction(SIGHUP, &ignore, &before);
  {
    const InterruptGuard guard;
    std::raise(SIGHUP);
    CHECK_FALSE(InterruptGuard::requested());
  }
  sigaction(SIGHUP, &before, nullptr);
}

}  // namespace
}  // namespace musicvae
