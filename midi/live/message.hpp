#pragma once

#include <array>
#include <chrono>
#include <cstdint>

namespace musicvae::midi {

/// The clock of everything that happens live.
using LiveClock = std::chrono::steady_clock;

/// Statuses of the system messages that keep time (MIDI 1.0).
inline constexpr std::uint8_t kSongPosition = 0xF2;
inline constexpr std::uint8_t kTimingClock = 0xF8;
inline constexpr std::uint8_t kClockStart = 0xFA;
inline constexpr std::uint8_t kClockContinue = 0xFB;
inline constexpr std::uint8_t kClockStop = 0xFC;
inline constexpr int kClocksPerQuarter = 24;

/// A message as it goes over a wire: any but system exclusive.
struct ShortMessage {
  std::array<std::uint8_t, 3> bytes{};
  std::uint8_t size = 0;  ///< 1 to 3; the bytes after are 0.

  std::uint8_t status() const { return bytes[0]; }
  bool is_channel_message() const { return bytes[0] < 0xF0; }
  std::uint8_t kind() const { return bytes[0] & 0xF0; }     ///< 0x80-0xE0 for a channel message.
  std::uint8_t channel() const { return bytes[0] & 0x0F; }  ///< 0-15 for a channel message.
  bool is_note_on() const { return kind() == 0x90 && bytes[2] > 0; }
  bool is_note_off() const { return kind() == 0x80 || (kind() == 0x90 && bytes[2] == 0); }
  bool operator==(const ShortMessage&) const = default;
};

/// A channel message: `status` 0x80-0xEF, the channel in its low nibble; programs and channel
/// pressure (0xC0, 0xD0) take one byte of data.
constexpr ShortMessage channel_message(int status, int first, int second = 0) {
  const bool one = (status & 0xE0) == 0xC0;
  return {{static_cast<std::uint8_t>(status), static_cast<std::uint8_t>(first),
           static_cast<std::uint8_t>(one ? 0 : second)},
          static_cast<std::uint8_t>(one ? 2 : 3)};
}
constexpr ShortMessage note_on(int channel, int pitch, int velocity) {
  return channel_message(0x90 | channel, pitch, velocity);
}
constexpr ShortMessage note_off(int channel, int pitch, int velocity = 0) {
  return channel_message(0x80 | channel, pitch, velocity);
}
constexpr ShortMessage control_change(int channel, int controller, int value) {
  return channel_message(0xB0 | channel, controller, value);
}
constexpr ShortMessage program_change(int channel, int program) {
  return channel_message(0xC0 | channel, program);
}
/// Whether a controller chooses a parameter (98 to 101), or sets the one that is chosen. Such
/// controllers mean something in their order only.
constexpr bool sets_parameter(int controller) {
  return controller == 6 || controller == 38 || (controller >= 96 && controller < 102);
}
/// A message that is a status byte alone: kTimingClock, kClockStart, kClockContinue or kClockStop.
constexpr ShortMessage real_time(std::uint8_t status) { return {{status, 0, 0}, 1}; }

/// A message and when it arrived.
struct TimedMessage {
  LiveClock::time_point time;
  ShortMessage message;
};

}  // namespace musicvae::midi
