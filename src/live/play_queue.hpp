#pragma once

#include <deque>
#include <memory>

#include "midi/live/player.hpp"

namespace musicvae {

/// Plays one thing after the other to one port, each at its time. Ends what sounds on every way
/// out, as Player does.
class PlayQueue {
 public:
  /// `output` must outlive the queue.
  explicit PlayQueue(midi::MidiOutput& output) : output_(output) {}

  /// Not before what was added earlier.
  void add(midi::Playback playback, midi::LiveClock::time_point when);
  /// Starts what is next; to be called every few milliseconds. Rethrows what the port threw.
  void step();
  /// Ends at once, and forgets what was to come.
  void stop() { entries_.clear(); }
  bool empty() const { return entries_.empty(); }

 private:
  struct Entry {
    std::unique_ptr<midi::Player> player;
    midi::LiveClock::time_point when;
    bool started = false;
  };

  midi::MidiOutput& output_;
  std::deque<Entry> entries_;
};

}  // namespace musicvae
