#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <optional>

#include "midi/live/message.hpp"

namespace musicvae::midi {

/// Hands messages from one thread to one other; neither ever waits for the other, or allocates.
class MessageQueue {
 public:
  static constexpr std::size_t kCapacity = 1 << 16;  ///< More than a second of any flood.

  /// False, and counted, where the queue is full.
  bool push(const TimedMessage& message) {
    const std::size_t written = written_.load(std::memory_order_relaxed);
    if (written - read_.load(std::memory_order_acquire) == kCapacity) {
      overflowed_.fetch_add(1, std::memory_order_relaxed);
      return false;
    }
    messages_[written % kCapacity] = message;
    written_.store(written + 1, std::memory_order_release);
    return true;
  }

  std::optional<TimedMessage> pop() {
    const std::size_t read = read_.load(std::memory_order_relaxed);
    if (read == written_.load(std::memory_order_acquire)) return std::nullopt;
    const TimedMessage message = messages_[read % kCapacity];
    read_.store(read + 1, std::memory_order_release);
    return message;
  }

  /// Messages that push() refused.
  std::size_t overflowed() const { return overflowed_.load(std::memory_order_relaxed); }

 private:
  static constexpr std::size_t kCacheLine = 64;  // Each thread's counter has its own.

  std::array<TimedMessage, kCapacity> messages_;
  alignas(kCacheLine) std::atomic<std::size_t> written_{0};
  alignas(kCacheLine) std::atomic<std::size_t> read_{0};
  alignas(kCacheLine) std::atomic<std::size_t> overflowed_{0};
};

}  // namespace musicvae::midi
