#include "midi/live/sounding_notes.hpp"

#include "tests/catch.hpp"
#include "tests/midi/memory_port.hpp"

namespace musicvae::midi {
namespace {

std::vector<ShortMessage> messages(const testing::MemoryOutput& output) {
  std::vector<ShortMessage> messages;
  for (const auto& sent : output.sent()) messages.push_back(sent.message);
  return messages;
}

TEST_CASE("Silence ends each note as often as it was started, then the channel's pedal and notes",
          "[midi][sounding_notes]") {
  SoundingNotes notes;
  for (const auto& message : {note_on(2, 60, 9), note_on(2, 60, 9), note_on(2, 64, 9),
                              note_off(2, 64), note_on(2, 65, 9), note_on(2, 65, 0)}) {
    notes.note(message);
  }
  testing::MemoryOutput output;
  notes.silence(output);
  CHECK(messages(output) == std::vector{note_off(2, 60), note_off(2, 60), control_change(2, 64, 0),
                                        control_change(2, 123, 0)});
}

TEST_CASE("Channels that were not used are left alone", "[midi][sounding_notes]") {
  SoundingNotes notes;
  notes.note(real_time(kTimingClock));
  testing::MemoryOutput output;
  notes.silence(output);
  CHECK(output.sent().empty());
}

TEST_CASE("Pedals come back as they were", "[midi][sounding_notes]") {
  SoundingNotes notes;
  notes.note(control_change(0, 64, 127));
  notes.note(control_change(1, 64, 127));
  notes.note(control_change(1, 64, 0));
  testing::MemoryOutput silenced, restored;
  notes.silence(silenced);
  notes.restore_pedals(restored);
  CHECK(messages(restored) == std::vector{control_change(0, 64, 127)});
}

}  // namespace
}  // namespace musicvae::midi
