#pragma once

#include <chrono>
#include <thread>

namespace musicvae {

/// Waits for `done()`, for at most as long as processes that share a step may be apart; returns
/// whether it came true. The core does not sleep meanwhile: one that has slept takes up its work a
/// seventh slower than one that yields to whoever wants it.
template <class Done>
bool wait_awake(Done done) {
  constexpr std::chrono::milliseconds kApart{100};
  const auto end = std::chrono::steady_clock::now() + kApart;
  while (!done()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::yield();
  }
  return true;
}

}  // namespace musicvae
