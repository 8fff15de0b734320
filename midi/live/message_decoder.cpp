#include "midi/live/message_decoder.hpp"

#include <utility>

namespace musicvae::midi {
namespace {

constexpr std::uint8_t kSystem = 0xF0;
constexpr std::uint8_t kEndOfExclusive = 0xF7;
constexpr std::uint8_t kFirstRealTime = 0xF8;

bool is_undefined(std::uint8_t status) {
  return status == 0xF4 || status == 0xF5 || status == 0xF9 || status == 0xFD;
}

/// Bytes of a whole message by its status.
std::size_t message_bytes(std::uint8_t status) {
  if (status < kSystem) return (status & 0xE0) == 0xC0 ? 2 : 3;
  if (status == kSongPosition) return 3;
  return status == 0xF1 || status == 0xF3 ? 2 : 1;
}

}  // namespace

std::optional<ShortMessage> MessageDecoder::add(std::uint8_t byte) {
  if (byte < 0x80) return go_on(byte);
  if (is_undefined(byte)) {
    ++broken_;
    return std::nullopt;
  }
  if (byte >= kFirstRealTime) return real_time(byte);
  return begin(byte);
}

std::optional<ShortMessage> MessageDecoder::begin(std::uint8_t status) {
  broken_ += std::exchange(message_.size, std::uint8_t{0});
  const bool ended = std::exchange(in_system_exclusive_, false);
  running_ = status < kSystem ? status : std::uint8_t{0};
  if (status == kSystem) {
    in_system_exclusive_ = true;
    ++system_exclusive_;
    return std::nullopt;
  }
  if (status == kEndOfExclusive) {
    if (!ended) ++broken_;
    return std::nullopt;
  }
  message_ = {{status, 0, 0}, 1};
  if (message_bytes(status) > 1) return std::nullopt;
  return std::exchange(message_, {});
}

std::optional<ShortMessage> MessageDecoder::go_on(std::uint8_t data) {
  if (in_system_exclusive_) return std::nullopt;
  if (message_.size == 0) {
    if (running_ == 0) {
      ++broken_;
      return std::nullopt;
    }
    message_ = {{running_, 0, 0}, 1};
  }
  message_.bytes[message_.size++] = data;
  if (message_.size < message_bytes(message_.status())) return std::nullopt;
  return std::exchange(message_, {});
}

}  // namespace musicvae::midi
