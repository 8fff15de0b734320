#pragma once

#include <array>
#include <csignal>
#include <vector>

namespace musicvae {

/// While one lives, SIGINT, SIGTERM and SIGHUP (a terminal that closes; not where nohup ignores it)
/// set a flag instead of ending the program, so that long work can save and stop at a good place. A
/// second signal ends the program at once. Belongs to the program's main thread, to which the
/// system gives such signals.
///
/// They are handled on a stack of their own: oneDNN's matrix products (up to 3.11) use the stack
/// pointer for their data, and a handler on it would overwrite the heap.
class InterruptGuard {
 public:
  InterruptGuard();
  ~InterruptGuard();
  InterruptGuard(const InterruptGuard&) = delete;
  InterruptGuard& operator=(const InterruptGuard&) = delete;

  static bool requested();

 private:
  std::vector<char> stack_;
  stack_t stack_before_{};
  std::array<struct sigaction, 3> before_{};
};

}  // namespace musicvae
