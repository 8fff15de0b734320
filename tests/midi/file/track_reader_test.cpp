#include "midi/file/track_reader.hpp"

#include <string>
#include <vector>

#include "tests/catch.hpp"
#include "tests/midi/smf_bytes.hpp"

using namespace musicvae::midi;
using namespace musicvae::midi::testing;

namespace {

Note note(int onset, int duration, int pitch, int velocity = 64, int channel = 0,
          int release = kNoRelease) {
  const auto byte = [](int value) { return static_cast<std::uint8_t>(value); };
  return {Ticks(onset), Ticks(duration), byte(channel), byte(pitch), byte(velocity), byte(release)};
}

Note placed(Note note, TickPlace onset_place, TickPlace end_place) {
  note.onset_place = onset_place;
  note.end_place = end_place;
  return note;
}

std::vector<Note> notes_of(const ReadResult& result) { return result.score.tracks.at(0).notes; }

}  // namespace

TEST_CASE("A note-off ends its note and keeps its release velocity", "[midi][reader]") {
  const auto result = read_events({0, 0x91, 60, 64, 0x60, 0x81, 60, 33});
  CHECK(notes_of(result) == std::vector{note(0, 0x60, 60, 64, 1, 33)});
  CHECK(result.note_ons == 1);
  CHECK(result.warnings.empty());
}

TEST_CASE("A note-on with velocity 0 ends the note", "[midi][reader]") {
  const auto result = read_events({0, 0x90, 60, 64, 10, 0x90, 60, 0});
  CHECK(notes_of(result) == std::vector{note(0, 10, 60)});
  CHECK(result.note_ons == 1);
}

TEST_CASE("Running status carries over channel messages", "[midi][reader]") {
  const auto result = read_events({0, 0x90, 60, 64, 5, 60, 0, 0, 62, 64, 5, 62, 0});
  CHECK(notes_of(result) == std::vector{note(0, 5, 60), note(5, 5, 62)});
  CHECK(result.warnings.empty());
}

TEST_CASE("Running status across a meta or SysEx event is followed with a warning",
          "[midi][reader]") {
  const auto meta = read_events({0, 0x90, 60, 64, 0, 0xFF, 1, 1, 'a', 5, 60, 0});
  const auto sysex = read_events({0, 0x90, 60, 64, 0, 0xF0, 1, 0xF7, 5, 60, 0});
  const auto twice =
      read_events({0, 0x90, 60, 64, 0, 0xFF, 1, 1, 'a', 0, 0xFF, 1, 1, 'a', 5, 60, 0});
  for (const auto& result : {meta, sysex, twice}) {
    CHECK(notes_of(result) == std::vector{note(0, 5, 60)});
    REQUIRE(result.warnings.size() == 1);
  }
}

TEST_CASE("Overlapping notes of one pitch pair first in, first out", "[midi][reader]") {
  const auto result =
      read_events({0, 0x90, 60, 1, 1, 60, 2, 1, 60, 3, 10, 0x80, 60, 11, 10, 60, 12, 10, 60, 13});
  CHECK(notes_of(result) == std::vector{note(0, 12, 60, 1, 0, 11), note(1, 21, 60, 2, 0, 12),
                                        note(2, 30, 60, 3, 0, 13)});
}

TEST_CASE("Notes of one pitch on two channels do not end each other", "[midi][reader]") {
  const auto result = read_events({0, 0x90, 60, 1, 0, 0x91, 60, 2, 9, 0x81, 60, 0, 9, 0x80, 60, 0});
  CHECK(notes_of(result) == std::vector{note(0, 18, 60, 1, 0, 0), note(0, 9, 60, 2, 1, 0)});
}

TEST_CASE("A note never closed ends with its track, with a warning", "[midi][reader]") {
  const auto result = read(file_of({bytes({0, 0x90, 60, 64, 5, 60, 65, 5, 0xFF, 1, 1, 'a'}),
                                    bytes({0, 0x90, 60, 1, 3, 60, 0})}));
  CHECK(result.score.tracks[0].notes ==
        std::vector{placed(note(0, 10, 60, 64), 0, 1), placed(note(5, 5, 60, 65), 0, 1)});
  CHECK(result.score.tracks[1].notes == std::vector{note(0, 3, 60, 1)});
  REQUIRE(result.warnings.size() == 1);
  CHECK(result.warnings[0].message.find("2 notes never end") != std::string::npos);
}

TEST_CASE("A note without length is kept with duration 0", "[midi][reader]") {
  const auto result = read_events({7, 0x90, 60, 64, 0, 60, 0});
  CHECK(notes_of(result) == std::vector{note(7, 0, 60)});
  CHECK(result.warnings.empty());
}

TEST_CASE("A note-off that ends nothing is ignored", "[midi][reader]") {
  const auto result = read_events({0, 0x80, 60, 64, 5, 0x90, 60, 64, 5, 60, 0, 1, 60, 0});
  CHECK(notes_of(result) == std::vector{note(5, 5, 60)});
  CHECK(result.warnings.empty());
}

TEST_CASE("Notes of one onset are ordered by channel, then pitch", "[midi][reader]") {
  const auto result = read_events({0, 0x91, 50, 1, 0,    0x90, 64, 1, 0,    60, 1, 3, 0x90, 60, 0,
                                   0, 64,   0,  0, 0x81, 50,   0,  0, 0x90, 40, 9, 1, 40,   0});
  CHECK(notes_of(result) == std::vector{placed(note(0, 3, 60, 1), 2, 0),
                                        placed(note(0, 3, 64, 1), 1, 0), note(0, 3, 50, 1, 1, 0),
                                        note(3, 1, 40, 9)});
}

TEST_CASE("Channel messages keep status and data, program change one byte", "[midi][reader]") {
  const auto result = read_events({0, 0xC3, 19, 1, 0xB3, 7, 100, 1, 0xE3, 0, 64});
  const auto& messages = result.score.tracks[0].messages;
  REQUIRE(messages.size() == 3);
  CHECK(messages[0] == ChannelMessage{Ticks(0), 0xC3, {19, 0}});
  CHECK(messages[1] == ChannelMessage{Ticks(1), 0xB3, {7, 100}});
  CHECK(messages[2] == ChannelMessage{Ticks(2), 0xE3, {0, 64}});
  CHECK(messages[0].is_program_change());
}

TEST_CASE("Data bytes above 127 are read as 127, with a warning", "[midi][reader]") {
  const auto result = read_events({0, 0x90, 60, 0xE0, 5, 0x80, 60, 0});
  CHECK(notes_of(result) == std::vector{note(0, 5, 60, 127, 0, 0)});
  REQUIRE(result.warnings.size() == 1);
  CHECK(result.warnings[0].offset == 22);
  CHECK(notes_of(read_events({0, 0x90, 0xBC, 64, 5, 0x80, 0xBC, 0})) ==
        std::vector{note(0, 5, 127, 64, 0, 0)});
}

TEST_CASE("Texts keep their type and their order", "[midi][reader]") {
  const auto result =
      read_events({0, 0xFF, 3, 0, 0, 0xFF, 3, 2, 'L', 'H', 5, 0xFF, 3, 1, 'x', 0, 0xFF, 5, 1, 'l'});
  const Track& track = result.score.tracks[0];
  CHECK(track.metas ==
        std::vector<MetaEvent>{
            {Ticks(0), 3, ""}, {Ticks(0), 3, "LH"}, {Ticks(5), 3, "x"}, {Ticks(5), 5, "l"}});
}

TEST_CASE("SysEx and escape events keep their bytes", "[midi][reader]") {
  const auto result = read_events({0, 0xF0, 2, 0x7E, 0x09, 4, 0xF7, 2, 0x01, 0xF7});
  CHECK(result.score.tracks[0].sysex == std::vector<SysEx>{{Ticks(0), 0xF0, bytes({0x7E, 0x09})},
                                                           {Ticks(4), 0xF7, bytes({1, 0xF7})}});
  CHECK(result.warnings.empty());
}

TEST_CASE("Tempo, meter and key go to the score from any track", "[midi][reader]") {
  const auto result =
      read(file_of({bytes({0, 0xFF, 0x58, 4, 6, 3, 36, 8}),
                    bytes({9, 0xFF, 0x51, 3, 0x07, 0xA1, 0x20, 1, 0xFF, 0x59, 2, 0xFD, 1})}));
  CHECK(result.score.meters == std::vector<MeterChange>{{Ticks(0), {6, 8}, 36, 8}});
  CHECK(result.score.tempos == std::vector<Tempo>{{Ticks(9), 500'000, {1, 0}}});
  CHECK(result.score.keys == std::vector<KeyChange>{{Ticks(10), -3, true, {1, 0}}});
  CHECK(result.score.tracks[1].metas.empty());
  CHECK(result.warnings.empty());
}

TEST_CASE("Tempo, meter and key events without meaning change nothing and are kept, with a warning",
          "[midi][reader]") {
  const std::vector<std::string> broken = {
      bytes({0, 0xFF, 0x51, 2, 7, 7}),           bytes({0, 0xFF, 0x51, 4, 7, 7, 7, 7}),
      bytes({0, 0xFF, 0x58, 5, 4, 2, 24, 8, 0}), bytes({0, 0xFF, 0x59, 3, 0, 0, 0}),
      bytes({0, 0xFF, 0x51, 3, 0, 0, 0}),        bytes({0, 0xFF, 0x58, 4, 4, 8, 24, 8}),
      bytes({0, 0xFF, 0x58, 4, 0, 2, 24, 8}),    bytes({0, 0xFF, 0x58, 2, 4, 2}),
      bytes({0, 0xFF, 0x59, 2, 8, 0}),           bytes({0, 0xFF, 0x59, 2, 0xF8, 0}),
      bytes({0, 0xFF, 0x59, 2, 0, 2}),           bytes({0, 0xFF, 0x59, 0})};
  for (const std::string& events : broken) {
    const auto result = read(file_of({events}));
    CHECK(result.score.tempos.empty());
    CHECK(result.score.meters.empty());
    CHECK(result.score.keys.empty());
    CHECK(result.score.tracks[0].metas.size() == 1);
    REQUIRE(result.warnings.size() == 1);
    CHECK(result.warnings[0].offset == 23);
  }
}

TEST_CASE("A real-time message in a track is skipped and leaves running status", "[midi][reader]") {
  const auto result = read_events({0, 0x90, 60, 64, 2, 0xF8, 3, 60, 0});
  CHECK(notes_of(result) == std::vector{note(0, 5, 60)});
  CHECK(result.warnings.size() == 1);
}

TEST_CASE("A system common message is skipped with its data", "[midi][reader]") {
  const auto result = read_events({0, 0xF2, 1, 2, 3, 0x90, 60, 64, 5, 0x80, 60, 0});
  CHECK(notes_of(result) == std::vector{note(3, 5, 60, 64, 0, 0)});
  CHECK(result.warnings.size() == 1);
}

TEST_CASE("A system common message has no more data than up to the next status", "[midi][reader]") {
  CHECK(notes_of(read_events({0, 0xF3, 1, 3, 0x90, 60, 64, 5, 60, 0})) ==
        std::vector{note(3, 5, 60)});
  CHECK(notes_of(read_events({0, 0xF2, 0x81, 0, 0x90, 60, 64, 5, 60, 0})) ==
        std::vector{note(128, 5, 60)});
}

TEST_CASE("A system common message ends running status", "[midi][reader]") {
  const auto result = read_events({0, 0x90, 60, 64, 0, 0xF6, 5, 60, 0});
  CHECK(notes_of(result) == std::vector{note(0, 5, 60)});
  REQUIRE(result.warnings.size() == 2);
  CHECK(result.warnings[1].message.find("running status") != std::string::npos);
}

TEST_CASE("Stray data bytes are skipped up to the next status", "[midi][reader]") {
  const auto result = read_events({0, 60, 64, 4, 0x90, 60, 64, 5, 60, 0});
  CHECK(notes_of(result) == std::vector{note(4, 5, 60)});
  REQUIRE(result.warnings.size() == 1);
  CHECK(result.warnings[0].offset == 23);
}

TEST_CASE("A missing end-of-track event ends the track at its last event", "[midi][reader]") {
  const auto result = read(header(1, 1) + chunk("MTrk", bytes({0, 0x90, 60, 64, 9, 60, 0})));
  CHECK(notes_of(result) == std::vector{note(0, 9, 60)});
  CHECK(result.score.tracks[0].end == Ticks(9));
  CHECK(result.warnings.size() == 1);
}

TEST_CASE("An event that its track cuts short is ignored with a warning", "[midi][reader]") {
  const std::vector<std::string> cut = {bytes({0, 0x90, 60}), bytes({0, 0xFF, 1, 9, 'a'}),
                                        bytes({0, 0xF0, 0x81, 0x00, 1}),
                                        bytes({0, 0xFF, 1, 0xFF, 0xFF, 0xFF, 0x7F, 'a'})};
  for (const std::string& events : cut) {
    const auto result = read(header(1, 1) + chunk("MTrk", bytes({0, 0xC0, 5}) + events));
    const Track& track = result.score.tracks.at(0);
    CHECK(track.messages.size() == 1);
    CHECK(track.notes.empty());
    CHECK(track.metas.empty());
    CHECK(track.sysex.empty());
    CHECK(result.warnings.size() == 2);  // One for the event, one for the missing end of track.
  }
}

TEST_CASE("A variable-length number beyond four bytes counts by its low 28 bits",
          "[midi][reader]") {
  const auto result = read_events({0x81, 0x80, 0x80, 0x80, 0x05, 0xC0, 7});
  CHECK(result.score.tracks[0].messages.at(0).time == Ticks(5));
  CHECK(result.warnings.size() == 1);
}

TEST_CASE("A length beyond four bytes counts by its low 28 bits, with a warning",
          "[midi][reader]") {
  const auto result = read_events({0, 0xFF, 1, 0x80, 0x80, 0x80, 0x80, 1, 'a'});
  CHECK(result.score.tracks[0].metas == std::vector<MetaEvent>{{Ticks(0), 1, "a"}});
  CHECK(result.warnings.size() == 1);
}

TEST_CASE("A meta type above 127 is ignored with a warning", "[midi][reader]") {
  const auto result = read_events({0, 0xFF, 0x80, 1, 'a'});
  CHECK(result.score.tracks[0].metas.empty());
  CHECK(result.warnings.size() == 1);
}

TEST_CASE("An end-of-track event with data ends its track, with a warning", "[midi][reader]") {
  const auto result = read(header(1, 1) + chunk("MTrk", bytes({7, 0xFF, 0x2F, 1, 'a'})));
  CHECK(result.score.tracks.at(0).end == Ticks(7));
  CHECK(result.warnings.size() == 1);
}

TEST_CASE("A track that ends after a delta time does not go on with running status",
          "[midi][reader]") {
  const std::string events = bytes({0, 0x90, 60, 64, 5, 60, 0, 0, 0xFF, 1, 1, 'a', 0});
  const auto result = read(header(1, 1) + chunk("MTrk", events));
  REQUIRE(result.warnings.size() == 2);
  CHECK(result.warnings[0].message == "the track ends within a channel message; ignored");
  CHECK(result.warnings[1].message == "the track has no end-of-track event");
}

TEST_CASE("The clock stops at 2^40 ticks rather than overflow", "[midi][reader]") {
  std::string events;
  for (int i = 0; i < 5000; ++i) events += bytes({0xFF, 0xFF, 0xFF, 0x7F, 0xC0, 1});
  const auto result = read(file_of({events}));
  CHECK(result.score.tracks[0].end == kMaxTime);
  CHECK(result.score.tracks[0].messages.size() == 5000);
  CHECK_FALSE(result.warnings.empty());
}
