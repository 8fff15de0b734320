#pragma once

#include <array>
#include <cstdint>

#include "midi/live/message.hpp"
#include "midi/live/port.hpp"
#include "midi/score.hpp"

namespace musicvae::midi {

/// What sounds at the other end because of the messages sent there.
class SoundingNotes {
 public:
  /// Takes note of a message that is sent.
  void note(const ShortMessage& message);

  /// Ends it all: each note as often as it was started, then on each channel that was used the
  /// pedal (controller 64) and all notes (123). Throws what the output throws.
  void silence(MidiOutput& output);

  /// Sets the pedals as they were at the last silence().
  void restore_pedals(MidiOutput& output);

 private:
  struct Channel {
    bool used = false;
    std::uint8_t pedal = 0;
    std::uint8_t pedal_before = 0;
    std::array<std::uint8_t, kPitches> starts{};
  };
  std::array<Channel, 16> channels_{};
};

}  // namespace musicvae::midi
