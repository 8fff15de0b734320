#pragma once

#include <optional>
#include <vector>

#include "midi/live/message.hpp"
#include "midi/score.hpp"

/// A Score as the messages that go over a wire, and when.
namespace musicvae::midi {

struct PlaybackOptions {
  Ticks from;  ///< Where to start; notes that have begun before are left out.
  std::optional<Ticks>
      to;                  ///< Where to end, notes that sound on cut; the score's end unless given.
  double tempo_scale = 1;  ///< 2 is twice as fast.
  bool clock = false;      ///< With MIDI clock: start (or a song position and continue) to stop.
};

struct ScheduledMessage {
  Seconds time;  ///< From the start.
  ShortMessage message;
};

/// Messages sorted by time. At one time they keep the order of merge_events().
struct Playback {
  std::vector<ScheduledMessage> messages;
  Seconds length;                    ///< Not before the last message.
  std::size_t sharing_channels = 0;  ///< Those that OnePort counts.
};

/// Follows the tempo map and keeps every channel, but joins ports as join_ports() does. It starts
/// with the programs, controllers and pitch bends that are in force at `from`. System exclusive
/// messages are left out. Throws MidiError where a clock is wanted for a score in SMPTE time, which
/// has no quarters.
Playback make_playback(const Score& score, const PlaybackOptions& options = {});

}  // namespace musicvae::midi
