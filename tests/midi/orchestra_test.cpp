#include "midi/orchestra.hpp"

#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "midi/event_order.hpp"
#include "midi/file/reader.hpp"
#include "midi/file/writer.hpp"
#include "tests/catch.hpp"
#include "tests/midi/random_score.hpp"
#include "tests/midi/smf_bytes.hpp"

using namespace musicvae::midi;
using namespace musicvae::midi::testing;

namespace {

ChannelMessage program(int time, int channel, int number) {
  return {Ticks(time),
          static_cast<std::uint8_t>(0xC0 | channel),
          {static_cast<std::uint8_t>(number), 0}};
}

ChannelMessage bank(int channel, int msb) {
  return {Ticks(0), static_cast<std::uint8_t>(0xB0 | channel), {0, static_cast<std::uint8_t>(msb)}};
}

MetaEvent meta(std::uint8_t type, const std::string& data) { return {Ticks(0), type, data}; }
MetaEvent prefix(int channel) { return meta(kChannelPrefix, bytes({channel})); }

Track notes_on(int channel, std::vector<int> onsets = {0}) {
  Track track;
  for (const int onset : onsets)
    track.notes.push_back({Ticks(onset), Ticks(1), static_cast<std::uint8_t>(channel)});
  return track;
}

std::vector<int> programs_of(const Score& score) {
  std::vector<int> programs;
  for (const Voice& voice : find_orchestra(score).voices) programs.push_back(voice.program);
  return programs;
}

std::vector<std::string> names_of(const Score& score) {
  std::vector<std::string> names;
  for (const Voice& voice : find_orchestra(score).voices) names.push_back(voice.name);
  return names;
}

/// Whether `channel` plays drums after these messages.
bool plays_drums(int channel, const std::vector<std::string>& sysex,
                 std::vector<ChannelMessage> messages = {}) {
  Score score;
  score.tracks = {{}, notes_on(channel, {1})};
  for (const std::string& data : sysex) score.tracks[0].sysex.push_back({Ticks(0), 0xF0, data});
  score.tracks[0].messages = std::move(messages);
  return find_orchestra(score).voices.at(0).drums;
}

const std::string kGsReset = bytes({0x41, 0x10, 0x42, 0x12, 0x40, 0x00, 0x7F, 0x00, 0x41, 0xF7});
const std::string kXgOn = bytes({0x43, 0x10, 0x4C, 0x00, 0x00, 0x7E, 0x00, 0xF7});
const std::string kGmOn = bytes({0x7E, 0x7F, 0x09, 0x01, 0xF7});

std::string gs_mode(int part, int mode) {
  return bytes({0x41, 0x10, 0x42, 0x12, 0x40, 0x10 | part, 0x15, mode, 0, 0xF7});
}
std::string xg_mode(int part, int mode) {
  return bytes({0x43, 0x10, 0x4C, 0x08, part, 0x07, mode, 0xF7});
}

}  // namespace

TEST_CASE("Tracks of one channel share its program", "[midi][orchestra]") {
  Score score;
  score.tracks = {notes_on(0), notes_on(0), notes_on(1)};
  score.tracks[0].messages = {program(0, 0, 6)};
  CHECK(programs_of(score) == std::vector{6, 6, 0});
}

TEST_CASE("A program set in a track without notes counts for the others", "[midi][orchestra]") {
  Score score;
  score.tracks = {notes_on(0), notes_on(1), {}};
  score.tracks[2].messages = {program(0, 0, 40), program(0, 1, 42)};
  CHECK(programs_of(score) == std::vector{40, 42});
}

TEST_CASE("A voice has the program that is in force at its first note", "[midi][orchestra]") {
  Score score;
  score.tracks = {notes_on(0, {5, 10}), notes_on(0, {10})};
  score.tracks[0].messages = {program(0, 0, 1), program(5, 0, 2), program(8, 0, 3)};
  CHECK(programs_of(score) == std::vector{2, 3});
  CHECK(find_orchestra(score).programs ==
        std::vector<ProgramChange>{{Ticks(5), 0, 0, 2}, {Ticks(10), 0, 0, 3}});
}

TEST_CASE("Equal channels of two ports have programs of their own", "[midi][orchestra]") {
  Score score;
  score.tracks = {notes_on(0), notes_on(0), {}};
  score.tracks[1].metas = {meta(kPort, bytes({1}))};
  score.tracks[2].metas = {meta(kPort, bytes({1}))};
  score.tracks[0].messages = {program(0, 0, 6)};
  score.tracks[2].messages = {program(0, 0, 7)};
  const auto voices = find_orchestra(score).voices;
  CHECK(programs_of(score) == std::vector{6, 7});
  CHECK(voices.at(1).port == 1);
}

TEST_CASE("A track that goes to another port has a voice on each, with that port's program",
          "[midi][orchestra]") {
  Score score;
  score.tracks = {notes_on(0, {0, 10, 20}), {}};
  score.tracks[0].metas = {{Ticks(10), kPort, bytes({1})}};
  score.tracks[0].messages = {program(0, 0, 6)};
  score.tracks[1].metas = {meta(kPort, bytes({1}))};
  score.tracks[1].messages = {program(0, 0, 7)};
  const auto voices = find_orchestra(score).voices;
  REQUIRE(voices.size() == 2);
  CHECK(programs_of(score) == std::vector{6, 7});
  CHECK(voices[0].port == 0);
  CHECK(voices[1].port == 1);
  CHECK(voices[1].track == 0);
}

TEST_CASE("A program is in the bank that was chosen before it", "[midi][orchestra]") {
  Score score;
  score.tracks = {notes_on(0)};
  score.tracks[0].messages = {bank(0, 8), {Ticks(0), 0xB0, {32, 3}}, program(0, 0, 5), bank(0, 9)};
  CHECK(find_orchestra(score).programs == std::vector<ProgramChange>{{Ticks(0), 0, 0, 5, 8, 3}});
}

TEST_CASE("A name after a channel prefix is that channel's", "[midi][orchestra]") {
  Score score;
  score.tracks = {notes_on(0)};
  score.tracks[0].notes.push_back({Ticks(0), Ticks(1), 1});
  score.tracks[0].metas = {prefix(0), meta(kTrackName, "Flute"), prefix(1),
                           meta(kInstrumentName, "a viola"), meta(kTrackName, "Viola")};
  CHECK(names_of(score) == std::vector<std::string>{"Flute", "Viola"});
  CHECK(names_of(read_midi(write_midi(score)).score) == names_of(score));
}

TEST_CASE("A channel prefix ends at the next event of a channel", "[midi][orchestra]") {
  Score score = read(file_of({bytes({0, 0xFF, 0x20, 1, 5,    0,  0xC0, 9, 0,  0xFF,
                                     3, 1,    'a',  0, 0x90, 60, 64,   9, 60, 0})}))
                    .score;
  CHECK(names_of(score) == std::vector<std::string>{"a"});
}

TEST_CASE("A track's own name goes before one that another track gives its channel",
          "[midi][orchestra]") {
  Score score;
  score.tracks = {{}, notes_on(0), notes_on(1)};
  score.tracks[0].metas = {meta(kTrackName, "Suite"), prefix(0), meta(kTrackName, "Flute"),
                           prefix(1), meta(kTrackName, "Viola")};
  score.tracks[1].metas = {meta(kTrackName, ""), meta(kTrackName, "Oboe")};
  CHECK(names_of(score) == std::vector<std::string>{"Oboe", "Viola"});
}

TEST_CASE("Channel 10 plays drums, and others where the file says so", "[midi][orchestra]") {
  CHECK(plays_drums(9, {}));
  CHECK(plays_drums(9, {kGmOn}, {bank(9, 0), program(0, 9, 5)}));
  CHECK_FALSE(plays_drums(0, {}));
  CHECK(plays_drums(0, {gs_mode(1, 1)}));
  CHECK(plays_drums(10, {kGsReset, gs_mode(10, 2)}));
  CHECK_FALSE(plays_drums(9, {gs_mode(10, 2), gs_mode(0, 0)}));
  CHECK(plays_drums(3, {kXgOn, xg_mode(3, 2)}));
  CHECK_FALSE(plays_drums(9, {kXgOn, xg_mode(9, 0)}));
  CHECK_FALSE(plays_drums(3, {gs_mode(4, 1), kGmOn}));
}

TEST_CASE("The bank of a program tells whether it is drums", "[midi][orchestra]") {
  for (const int drums : {120, 126, 127}) {
    CHECK(plays_drums(3, {}, {bank(3, drums), program(0, 3, 0)}));
    CHECK_FALSE(plays_drums(3, {}, {bank(3, drums)}));
    CHECK_FALSE(plays_drums(3, {kGsReset}, {bank(3, drums), program(0, 3, 0)}));
  }
  CHECK_FALSE(plays_drums(9, {}, {bank(9, 121), program(0, 9, 0)}));
  CHECK_FALSE(plays_drums(9, {kXgOn}, {bank(9, 0), program(0, 9, 0)}));
  CHECK(plays_drums(9, {kXgOn}, {program(0, 9, 0)}));
}

TEST_CASE("Messages that are cut short or mean another device change nothing",
          "[midi][orchestra]") {
  const std::string mode = gs_mode(1, 1);
  for (std::size_t length = 0; length < 8; ++length)
    CHECK_FALSE(plays_drums(0, {mode.substr(0, length)}));
  CHECK_FALSE(plays_drums(0, {bytes({0x42, 0x10, 0x42, 0x12, 0x40, 0x11, 0x15, 1, 0, 0xF7})}));
  CHECK_FALSE(plays_drums(0, {xg_mode(200, 1)}));
}

TEST_CASE("Any score has a voice for each channel of a port in a track, kept by a file",
          "[midi][orchestra]") {
  for (unsigned seed = 0; seed < 200; ++seed) {
    std::mt19937 random(seed);
    const Score score = random_score(random);
    const Orchestra orchestra = find_orchestra(score);
    std::size_t places = 0;
    for (const Track& track : score.tracks) {
      std::set<std::pair<int, int>> channels;
      int port = 0;
      for (const EventRef& event : order_events(track)) {
        if (event.kind == EventKind::kNoteStart)
          channels.emplace(port, track.notes[event.index].channel);
        if (event.kind != EventKind::kMeta) continue;
        const MetaEvent& meta = track.metas[event.index];
        if (meta.type == kPort && !meta.data.empty())
          port = static_cast<unsigned char>(meta.data[0]);
      }
      places += channels.size();
    }
    INFO("seed " << seed);
    CHECK(orchestra.voices.size() == places);
    CHECK(find_orchestra(read_midi(write_midi(score)).score) == orchestra);
  }
}
