#pragma once

#include <csignal>

namespace musicvae {

/// While one lives, Ctrl-Z (SIGTSTP) sets a flag instead of stopping the program, so that notes can
/// be ended first; and writing to a pipe that nobody reads is an error rather than the program's
/// end (SIGPIPE). Belongs to the main thread, beside an InterruptGuard.
class LiveGuard {
 public:
  LiveGuard();
  ~LiveGuard();
  LiveGuard(const LiveGuard&) = delete;
  LiveGuard& operator=(const LiveGuard&) = delete;

  /// Whether the program is to stop for a while.
  static bool stop_requested();
  /// Stops, and returns once the program is continued (SIGCONT).
  static void stop();

 private:
  struct sigaction stop_before_ {};
  struct sigaction pipe_before_ {};
};

}  // namespace musicvae
