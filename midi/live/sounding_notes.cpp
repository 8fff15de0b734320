#include "midi/live/sounding_notes.hpp"

#include <limits>

namespace musicvae::midi {
namespace {

constexpr int kPedal = 64;
constexpr int kAllNotesOff = 123;

}  // namespace

void SoundingNotes::note(const ShortMessage& message) {
  if (!message.is_channel_message()) return;
  Channel& channel = channels_[message.channel()];
  channel.used = true;
  const std::uint8_t first = message.bytes[1];
  if (message.kind() == 0xB0 && first == kPedal) channel.pedal = message.bytes[2];
  if (first >= channel.starts.size()) return;
  std::uint8_t& starts = channel.starts[first];
  if (message.is_note_on() && starts < std::numeric_limits<std::uint8_t>::max()) ++starts;
  if (message.is_note_off() && starts > 0) --starts;
}

void SoundingNotes::silence(MidiOutput& output) {
  for (int i = 0; i < 16; ++i) {
    Channel& channel = channels_[static_cast<std::size_t>(i)];
    if (!channel.used) continue;
    for (int pitch = 0; pitch < kPitches; ++pitch) {
      std::uint8_t& starts = channel.starts[static_cast<std::size_t>(pitch)];
      for (; starts > 0; --starts) output.send(note_off(i, pitch));
    }
    output.send(control_change(i, kPedal, 0));
    output.send(control_change(i, kAllNotesOff, 0));
    channel.pedal_before = channel.pedal;
    channel.pedal = 0;
  }
}

void SoundingNotes::restore_pedals(MidiOutput& output) {
  for (int i = 0; i < 16; ++i) {
    Channel& channel = channels_[static_cast<std::size_t>(i)];
    if (channel.pedal_before == 0) continue;
    channel.pedal = channel.pedal_before;
    output.send(control_change(i, kPedal, channel.pedal));
  }
}

}  // namespace musicvae::midi
