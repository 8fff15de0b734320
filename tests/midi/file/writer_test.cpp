#include "midi/file/writer.hpp"

#include <functional>
#include <limits>
#include <random>
#include <string>

#include "midi/error.hpp"
#include "midi/file/reader.hpp"
#include "tests/catch.hpp"
#include "tests/midi/random_score.hpp"
#include "tests/midi/smf_bytes.hpp"
#include "tests/temporary_folder.hpp"

using namespace musicvae::midi;
using namespace musicvae::midi::testing;

namespace {

Score one_note() {
  Score score;
  score.tracks.resize(1);
  score.tracks[0].notes = {{Ticks(0), Ticks(10)}};
  score.tracks[0].end = Ticks(10);
  return score;
}

std::string written(const Score& score, const WriteOptions& options = {}) {
  const std::vector<std::byte> bytes = write_midi(score, options);
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace

TEST_CASE("Reading what was written gives the same score, without a warning", "[midi][writer]") {
  for (unsigned seed = 0; seed < 1000; ++seed) {
    std::mt19937 random(seed);
    const Score score = random_score(random);
    const auto result = read_midi(write_midi(score), {.strict = true});
    INFO("seed " << seed);
    REQUIRE(result.score == score);
  }
}

TEST_CASE("Notes are written shortly, and end before others begin", "[midi][writer]") {
  Score score = one_note();
  score.tracks[0].notes.push_back({Ticks(10), Ticks(10), 0, 60, 65, 7});
  score.tracks[0].end = Ticks(20);
  const std::string expected =
      file_of({bytes({0, 0x90, 60, 64, 10, 60, 0, 0, 60, 65, 10, 0x80, 60, 7})});
  CHECK(written(score) == expected);
}

TEST_CASE("At one time notes end, then come messages, then notes begin", "[midi][writer]") {
  Score score = one_note();
  score.tracks[0].notes.push_back({Ticks(10), Ticks(10), 0, 62});
  score.tracks.resize(2);
  score.tracks[1].metas = {{Ticks(10), 6, "m"}};
  score.tracks[1].messages = {{Ticks(10), 0xC0, {5}}};
  const std::string events = bytes(
      {0, 0x90, 60, 64, 10, 60, 0, 0, 0xFF, 6, 1, 'm', 0, 0xC0, 5, 0, 0x90, 62, 64, 10, 62, 0});
  CHECK(written(score, {.format = 0}) == header(0, 1) + chunk("MTrk", events + kEnd));
}

TEST_CASE("Gaps about as long as a delta time can say are kept", "[midi][writer]") {
  for (const int gap : {0x0FFF'FFFF, 0x1000'0000, 0x2000'0000}) {
    Score score = one_note();
    score.tracks[0].notes[0].onset = Ticks(gap);
    score.tracks[0].end = Ticks(gap + 10);
    CHECK(read_midi(write_midi(score), {.strict = true}).score == score);
  }
}

TEST_CASE("Format 0 merges all tracks and keeps every note and event", "[midi][writer]") {
  for (unsigned seed = 0; seed < 200; ++seed) {
    std::mt19937 random(seed);
    Score score = random_score(random);
    score.format = 1;
    for (Track& track : score.tracks)
      std::erase_if(track.metas, [](const MetaEvent& event) { return event.type == kPort; });
    const Score merged = read_midi(write_midi(score, {.format = 0})).score;
    INFO("seed " << seed);
    REQUIRE(merged.tracks.size() == 1);
    CHECK(merged.format == 0);
    CHECK(note_count(merged) == note_count(score));
    CHECK(end_time(merged) == end_time(score));
    std::size_t messages = 0;
    for (const Track& track : score.tracks) messages += track.messages.size();
    CHECK(merged.tracks[0].messages.size() == messages);
  }
}

TEST_CASE("Tracks of several ports are not merged", "[midi][writer]") {
  Score score = one_note();
  score.tracks.push_back(score.tracks[0]);
  CHECK_NOTHROW(write_midi(score, {.format = 0}));
  score.tracks[1].metas = {{Ticks(0), kPort, "\1"}};
  CHECK_THROWS_AS(write_midi(score, {.format = 0}), MidiError);
}

TEST_CASE("Tempo, meter and key without a track get one", "[midi][writer]") {
  Score tempo, meter, key;
  tempo.tempos = {{Ticks(0), 400'000}};
  meter.meters = {{Ticks(0), {3, 4}}};
  key.keys = {{Ticks(0), 2}};
  for (Score score : {tempo, meter, key}) {
    const Score again = read_midi(write_midi(score)).score;
    score.tracks.resize(1);
    CHECK(again == score);
  }
}

TEST_CASE("A note that ends where the next of its pitch begins stays apart", "[midi][writer]") {
  Score score = one_note();
  score.tracks[0].notes.push_back({Ticks(10), Ticks(10)});
  score.tracks[0].end = Ticks(20);
  CHECK(read_midi(write_midi(score)).score == score);
}

TEST_CASE("A track's end before its last event is moved behind it", "[midi][writer]") {
  Score score = one_note();
  score.tracks[0].end = Ticks(3);
  CHECK(read_midi(write_midi(score)).score == one_note());
}

TEST_CASE("Values that a file cannot hold are refused", "[midi][writer]") {
  const std::vector<std::function<void(Score&)>> damages = {
      [](Score& s) { s.tracks[0].notes[0].pitch = 128; },
      [](Score& s) { s.tracks[0].notes[0].channel = 16; },
      [](Score& s) { s.tracks[0].notes[0].velocity = 0; },
      [](Score& s) { s.tracks[0].notes[0].velocity = 128; },
      [](Score& s) { s.tracks[0].notes[0].release_velocity = 129; },
      [](Score& s) { s.tracks[0].notes[0].onset = Ticks(-1); },
      [](Score& s) { s.tracks[0].notes[0].duration = Ticks(-1); },
      [](Score& s) { s.tracks[0].notes[0].onset = Ticks(std::int64_t{1} << 62); },
      [](Score& s) {
        s.tracks[0].notes[0] = {Ticks(1), Ticks(std::numeric_limits<std::int64_t>::max())};
      },
      [](Score& s) { s.tracks[0].end = Ticks(std::int64_t{1} << 62); },
      [](Score& s) {
        s.tracks[0].messages = {{Ticks(0), 0x90, {60, 64}}};
      },
      [](Score& s) {
        s.tracks[0].messages = {{Ticks(0), 0xF0, {}}};
      },
      [](Score& s) {
        s.tracks[0].messages = {{Ticks(0), 0xB0, {7, 200}}};
      },
      [](Score& s) {
        s.tracks[0].messages = {{Ticks(0), 0xB0, {200, 7}}};
      },
      [](Score& s) {
        s.tracks[0].messages = {{Ticks(0), 0xC0, {7, 1}}};
      },
      [](Score& s) {
        s.tracks[0].metas = {{Ticks(0), 0x2F, ""}};
      },
      [](Score& s) {
        s.tracks[0].metas = {{Ticks(0), 0x51, "abc"}};
      },
      [](Score& s) {
        s.tracks[0].metas = {{Ticks(0), 0x58, std::string("\4\2\x18\x8")}};
      },
      [](Score& s) {
        s.tracks[0].metas = {{Ticks(0), 0x59, std::string(2, '\0')}};
      },
      [](Score& s) { s.tracks[0].sysex.emplace_back().data.resize(std::size_t{1} << 28); },
      [](Score& s) {
        s.tracks[0].metas = {{Ticks(0), 0x80, ""}};
      },
      [](Score& s) {
        s.tracks[0].sysex = {{Ticks(0), 0xF1, ""}};
      },
      [](Score& s) {
        s.tempos = {{Ticks(0), 0}};
      },
      [](Score& s) {
        s.meters = {{Ticks(0), {4, 3}}};
      },
      [](Score& s) {
        s.keys = {{Ticks(0), 8}};
      },
      [](Score& s) { s.division.ticks_per_quarter = 0; },
      [](Score& s) { s.format = 3; },
      [](Score& s) { s.format = -1; },
      [](Score& s) { s.tracks.resize(65536); },
  };
  for (std::size_t i = 0; i < damages.size(); ++i) {
    Score score = one_note();
    damages[i](score);
    INFO("damage " << i);
    CHECK_THROWS_AS(write_midi(score), MidiError);
  }
}

TEST_CASE("A refusal names the tick and what was expected there", "[midi][writer]") {
  Score score = one_note();
  score.tracks[0].notes[0].onset = kMaxTime + Ticks(1);
  CHECK_THROWS_WITH(
      write_midi(score),
      "cannot write the event at tick 1099511627777: expected a time of 0 to 2^40 ticks");
}

TEST_CASE("Tracks that sound together are not written in format 2", "[midi][writer]") {
  Score score = one_note();
  CHECK(read_midi(write_midi(score, {.format = 2})).score.format == 2);
  score.tracks.resize(2);
  CHECK_THROWS_AS(write_midi(score, {.format = 2}), MidiError);
}

TEST_CASE("A written file reads back", "[midi][writer]") {
  const musicvae::test::TemporaryFolder folder;
  write_midi_file(one_note(), folder / "a.mid");
  CHECK(read_midi_file(folder / "a.mid").score == one_note());
}
