#pragma once

#include <array>
#include <bitset>
#include <cstdint>
#include <string_view>

#include "midi/live/message.hpp"
#include "midi/live/port.hpp"

namespace musicvae::midi {

/// What messages have changed of the channels at the other end, besides notes.
class ChangedControls {
 public:
  /// Takes note of a message that is sent.
  void note(const ShortMessage& message);
  /// The same for a whole system exclusive message, of which the master volume is known.
  void note_exclusive(std::string_view message);

  /// Sets what was changed back to what General MIDI starts with (GM 1 and RP-015): pitch bend and
  /// its range, pressure, controllers, bank and program, and the master volume. Channels that
  /// nothing changed are left alone. Throws what the output throws.
  void reset(MidiOutput& output);

 private:
  struct Channel {
    bool bent = false;
    bool pressed = false;
    bool has_program = false;
    std::bitset<128> controllers;
  };
  void reset(MidiOutput& output, int number, const Channel& channel) const;

  std::array<Channel, 16> channels_{};
  bool has_volume_ = false;
};

}  // namespace musicvae::midi
