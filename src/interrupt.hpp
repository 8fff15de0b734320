#pragma once

namespace musicvae {

/// While one lives, SIGINT and SIGTERM set a flag instead of ending the program, so that long work
/// can save and stop at a good place. A second SIGINT ends the program at once.
class InterruptGuard {
 public:
  InterruptGuard();
  ~InterruptGuard();
  InterruptGuard(const InterruptGuard&) = delete;
  InterruptGuard& operator=(const InterruptGuard&) = delete;

  static bool requested();
};

}  // namespace musicvae
