#pragma once

#include <cstdint>

#include "midi/live/beat_clock.hpp"
#include "midi/score.hpp"

namespace musicvae {

/// Where bar lines lie in time: at a tempo of its own until a MIDI clock arrives, and then by that.
/// Bars are counted from 0 and never back: where a MIDI clock begins or jumps, up to a bar is left
/// out, so that its bar lines are ours.
class BarClock {
 public:
  using Time = midi::LiveClock::time_point;

  /// Bar 0 starts at `start`.
  BarClock(double quarters_per_minute, const midi::Meter& meter, Time start);

  /// Messages that do not keep time are ignored.
  void add(const midi::TimedMessage& message);
  /// Makes `time` a bar line, unless a MIDI clock says where these are.
  void put_line(Time time);

  /// In bars.
  double position(Time time) const;
  Time line(std::int64_t bar) const;

  double quarters_per_bar() const { return quarters_per_bar_; }
  double seconds_per_bar() const { return seconds_per_bar_; }
  double quarters_per_minute() const { return 60 * quarters_per_bar_ / seconds_per_bar_; }
  const midi::Meter& meter() const { return meter_; }
  bool follows_midi_clock() const { return follows_; }

 private:
  midi::Meter meter_;
  double quarters_per_bar_;
  double seconds_per_bar_;
  Time known_time_;  // At which the position is known.
  double known_position_ = 0;
  midi::BeatClock beat_;
  bool follows_ = false;
  bool jumped_ = true;  // The MIDI clock's bars are not yet matched with ours.
  double offset_ = 0;   // From its bars to ours.
};

}  // namespace musicvae
