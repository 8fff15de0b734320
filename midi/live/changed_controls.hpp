#pragma once

#include <array>
#include <bitset>
#include <cstdint>
#include <string>
#include <string_view>

#include "midi/live/message.hpp"
#include "midi/live/port.hpp"

namespace musicvae::midi {

/// What messages have changed of the channels at the other end, besides notes.
class ChangedControls {
 public:
  /// Takes note of a message that is sent.
  void note(const ShortMessage& message);
  /// The same for a whole system exclusive message: the master volume and part modes are known.
  void note_exclusive(std::string_view message);

  /// Sets what was changed back to what General MIDI starts with (GM 1 and RP-015): pitch bend and
  /// its range, pressure, controllers, bank and program, the master volume, and which channels are
  /// drums. Channels that nothing changed are left alone. Throws what the output throws.
  void reset(MidiOutput& output);

 private:
  struct Channel {
    bool bent = false;
    bool pressed = false;
    bool has_program = false;
    std::bitset<128> controllers;
  };
  void reset(MidiOutput& output, int number, const Channel& channel) const;
  void reset_part_mode(MidiOutput& output, std::uint8_t number);

  std::array<Channel, 16> channels_{};
  /// The last messages that made channels drums or no drums; these are too short to be allocated.
  std::array<std::string, 16> part_modes_;
  bool has_volume_ = false;
};

}  // namespace musicvae::midi
