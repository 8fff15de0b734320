#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "midi/live/message.hpp"

namespace musicvae::midi {

/// The beat that another device gives by MIDI clock, 24 messages a quarter. After a start message
/// the next clock is quarter 0, after a song position it is that place; without either the first
/// clock is quarter 0.
class BeatClock {
 public:
  /// Messages that do not keep time are ignored.
  void add(const TimedMessage& message);

  /// Whether start or continue came later than stop.
  bool running() const { return running_; }
  /// The length of the last quarter, or of the part of it that has come; nullopt before the second
  /// clock. As single clocks come late, a line is fitted to all of the quarter (least squares).
  std::optional<double> seconds_per_quarter() const;
  /// The place at `time`, which is not before the last clock; nullopt before the second clock.
  /// Between clocks it moves at the tempo of the last quarter, but never past the next clock, so
  /// that it stands still while none come.
  std::optional<double> quarters(LiveClock::time_point time) const;

 private:
  // When the last clocks came, a ring.
  std::array<LiveClock::time_point, kClocksPerQuarter + 1> times_{};
  std::int64_t count_ = 0;  // Clocks in all.
  std::int64_t place_ = 0;  // The next clock's place, in clocks.
  bool running_ = false;
};

}  // namespace musicvae::midi
