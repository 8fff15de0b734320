#pragma once

#include <functional>
#include <optional>
#include <string>
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
  bool pauses = false;     ///< Wait after messages that reset a device, as devices need it.
  /// When what stands at a tick is due, which does not descend. Unless given, the tempo map, `from`
  /// and `tempo_scale` tell.
  std::function<Seconds(Ticks)> due{};
};

struct ScheduledMessage {
  Seconds time;             ///< From the start.
  ShortMessage message;     ///< Of size 0 where there is a system exclusive one.
  std::string exclusive{};  ///< A whole system exclusive message, from 0xF0 to 0xF7, or nothing.
};

/// Messages sorted by time. At one time they keep the order of merge_events().
struct Playback {
  std::vector<ScheduledMessage> messages;
  Seconds length;                    ///< Not before the last message.
  std::size_t sharing_channels = 0;  ///< Those that OnePort counts.
  /// System exclusive messages in parts and escapes, which are left out.
  std::size_t exclusive_left_out = 0;
};

/// Follows the tempo map and keeps every channel, but joins ports as join_ports() does. It starts
/// with the system exclusive messages before `from`, and with the programs, controllers and pitch
/// bends that are in force there. Throws MidiError where a clock is wanted for a score in SMPTE
/// time, which has no quarters.
Playback make_playback(const Score& score, const PlaybackOptions& options = {});

}  // namespace musicvae::midi
