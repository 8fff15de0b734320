#pragma once

#include <chrono>
#include <thread>

namespace musicvae::test {

/// Waits until `condition` holds, a minute at most, as others may use the machine; says whether it
/// holds.
template <class Condition>
bool eventually(Condition condition) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::minutes(1);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return true;
}

}  // namespace musicvae::test
