#pragma once

#include <vector>

#include "midi/live/playback.hpp"

/// A musician's time, counted in seconds by the test.
namespace musicvae::test {

inline midi::LiveClock::time_point moment(double seconds) {
  return midi::LiveClock::time_point(std::chrono::duration_cast<midi::LiveClock::duration>(
      std::chrono::duration<double>(seconds)));
}

inline double seconds_of(midi::LiveClock::time_point time) {
  return std::chrono::duration<double>(time.time_since_epoch()).count();
}

/// What a session asked to play.
struct Played {
  midi::Playback playback;
  double at = 0;
};

}  // namespace musicvae::test
