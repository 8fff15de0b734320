#include "src/live/live_guard.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include "tests/catch.hpp"

namespace musicvae {
namespace {

TEST_CASE("A guarded Ctrl-Z is noted, and what came before is restored", "[src][live_guard]") {
  struct sigaction before {};
  sigaction(SIGTSTP, nullptr, &before);
  {
    const LiveGuard guard;
    CHECK_FALSE(LiveGuard::stop_requested());
    std::raise(SIGTSTP);
    CHECK(LiveGuard::stop_requested());
  }
  struct sigaction after {};
  sigaction(SIGTSTP, nullptr, &after);
  CHECK(after.sa_handler == before.sa_handler);
}

TEST_CASE("A program that stops goes on where it was once continued", "[src][live_guard]") {
  const pid_t child = fork();
  if (child == 0) {
    const LiveGuard guard;
    std::raise(SIGTSTP);
    const bool asked = LiveGuard::stop_requested();
    LiveGuard::stop();
    _exit(asked && !LiveGuard::stop_requested() ? 7 : 1);
  }
  int status = 0;
  waitpid(child, &status, WUNTRACED);
  CHECK(WIFSTOPPED(status));
  kill(child, SIGCONT);
  waitpid(child, &status, 0);
  CHECK(WEXITSTATUS(status) == 7);
}

TEST_CASE("Writing to a pipe that nobody reads fails and does not end the program",
          "[src][live_guard]") {
  const LiveGuard guard;
  int ends[2];
  REQUIRE(pipe(ends) == 0);
  close(ends[0]);
  CHECK(write(ends[1], "x", 1) == -1);
  close(ends[1]);
}

}  // namespace
}  // namespace musicvae
