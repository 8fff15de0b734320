#pragma once

#include <cstdint>
#include <vector>

#include "midi/score.hpp"

namespace musicvae::midi {

/// The port that each event of a track goes to. A port event (meta 0x21) is in force up to the
/// next one; before the first the port is 0.
class PortMap {
 public:
  explicit PortMap(const Track& track);

  /// The port of a message, or of a note that begins, at this place.
  std::uint8_t at(Ticks time, TickPlace place) const;
  std::uint8_t at(const Note& note) const { return at(note.onset, note.onset_place); }
  std::uint8_t at(const ChannelMessage& message) const { return at(message.time, message.place); }

 private:
  struct Change {
    Ticks time;
    TickPlace place;
    std::uint8_t port;
  };
  std::vector<Change> changes_;
};

}  // namespace musicvae::midi
