#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "midi/live/message.hpp"

namespace musicvae::midi {

/// The beat that another device gives by MIDI clock, 24 messages a quarter. Start makes the next of
/// them quarter 0, a song position makes it that place; without either the first is 0.
class BeatClock {
 public:
  /// Messages that do not keep time are ignored.
  void add(const TimedMessage& message);

  /// Whether start or continue came later than stop.
  bool running() const { return running_; }
  /// The length of the last quarter, or of as much of it as there was, by the line that fits all of
  /// its clocks best (least squares), as single ones come late; nullopt before the second clock.
  std::optional<double> seconds_per_quarter() const;
  /// The place at `time`, which is not before the last clock: between clocks by the tempo of the
  /// last quarter, never past the next one, so that it stands still while there are none; nullopt
  /// before the second clock.
  std::optional<double> quarters(LiveClock::time_point time) const;

 private:
  std::array<LiveClock::time_point, kClocksPerQuarter + 1> times_{};  // Of the last clocks, a ring.
  std::int64_t count_ = 0;                                            // Clocks in all.
  std::int64_t place_ = 0;  // Of the next clock, in clocks.
  bool running_ = false;
};

}  // namespace musicvae::midi
