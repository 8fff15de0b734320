#include "midi/file/reader.hpp"

#include <cstdlib>
#include <fstream>
#include <memory>
#include <random>
#include <string>

#include "midi/file/writer.hpp"
#include "tests/catch.hpp"
#include "tests/midi/random_score.hpp"
#include "tests/midi/smf_bytes.hpp"
#include "tests/temporary_folder.hpp"

using namespace musicvae::midi;
using namespace musicvae::midi::testing;
using Catch::Contains;

namespace {

std::vector<ReadResult> read_sequences(const std::string& file) {
  return read_midi_sequences(std::as_bytes(std::span(file)));
}

const std::string kTempoEvent = bytes({0, 0xFF, 0x51, 3, 7, 0xA1, 0x20});
const std::string kThreeFour = bytes({0, 0xFF, 0x58, 4, 3, 2, 24, 8});

/// A file of format 2 with these tracks, an end-of-track event appended to each.
std::string patterns_of(const std::vector<std::string>& tracks) {
  std::string file = header(2, static_cast<int>(tracks.size()));
  for (const std::string& events : tracks) file += chunk("MTrk", events + kEnd);
  return file;
}

/// The track chunk of a score of one track.
std::string track_chunk(const Score& score) {
  const auto file = write_midi(score);
  return std::string(reinterpret_cast<const char*>(file.data()), file.size()).substr(14);
}

}  // namespace

TEST_CASE("Strict reading turns a warning into an error at its byte", "[midi][reader]") {
  const std::string broken = file_of({bytes({0, 0xFF, 0x51, 1, 7})});
  CHECK(read(broken).warnings.size() == 1);
  try {
    read(broken, true);
    FAIL("no error");
  } catch (const MidiError& error) {
    CHECK(std::string(error.what()).find("(byte 23)") != std::string::npos);
  }
  CHECK_NOTHROW(read(file_of({bytes({0, 0x90, 60, 64, 9, 60, 0})}), true));
}

TEST_CASE("Warnings are capped and the last says how many more", "[midi][reader]") {
  std::string events;
  for (std::size_t i = 0; i < kMaxWarnings; ++i) events += bytes({0, 0xF8});
  CHECK(read(file_of({events})).warnings.back().message.find("no place in a file") !=
        std::string::npos);
  for (std::size_t i = 0; i < 20; ++i) events += bytes({0, 0xF8});
  const auto result = read(file_of({events}));
  REQUIRE(result.warnings.size() == kMaxWarnings);
  CHECK(result.warnings.back().message == "21 more warnings");
}

TEST_CASE("Changes are sorted over tracks, and the last of one time is in force",
          "[midi][reader]") {
  const auto result =
      read(file_of({bytes({9, 0xFF, 0x51, 3, 0, 0, 1, 0, 0xFF, 0x51, 3, 0, 0, 2}),
                    bytes({4, 0xFF, 0x51, 3, 0, 0, 3}), bytes({9, 0xFF, 0x51, 3, 0, 0, 4})}));
  CHECK(result.score.tempos ==
        std::vector<Tempo>{
            {Ticks(4), 3, {1, 0}}, {Ticks(9), 1}, {Ticks(9), 2}, {Ticks(9), 4, {2, 0}}});
  CHECK(in_force(result.score.tempos) == std::vector<Tempo>{{Ticks(4), 3}, {Ticks(9), 4}});
  const auto others =
      read(file_of({bytes({9, 0xFF, 0x58, 4, 3, 2, 24, 8, 0, 0xFF, 0x59, 2, 1, 0}),
                    bytes({4, 0xFF, 0x58, 4, 4, 2, 24, 8, 0, 0xFF, 0x59, 2, 2, 0})}));
  CHECK(in_force(others.score.meters) ==
        std::vector<MeterChange>{{Ticks(4), {4, 4}}, {Ticks(9), {3, 4}}});
  CHECK(in_force(others.score.keys) == std::vector<KeyChange>{{Ticks(4), 2}, {Ticks(9), 1}});
}

TEST_CASE("More than 256 MiB are refused unread", "[midi][reader]") {
  constexpr std::size_t kTooMany = (std::size_t{1} << 28) + 1;
  const std::unique_ptr<void, void (*)(void*)> zeros(std::calloc(kTooMany, 1), std::free);
  CHECK_THROWS_WITH(read_midi({static_cast<const std::byte*>(zeros.get()), kTooMany}),
                    Catch::Contains("expected at most 256 MiB"));
}

TEST_CASE("A file without tracks is an empty score", "[midi][reader]") {
  CHECK(read(header(1, 0)).score.tracks.empty());
  CHECK(read(header(0, 0)).score.format == 1);
}

TEST_CASE("Errors of reading a file name it", "[midi][reader]") {
  try {
    read_midi_file("/dev/null");
    FAIL("no error");
  } catch (const MidiError& error) {
    CHECK(std::string(error.what()).find("'/dev/null': not a MIDI file") == 0);
  }
}

TEST_CASE("Sequences of format 2 are pieces, each with its own tempo and meter", "[midi][reader]") {
  const auto pieces = read_sequences(patterns_of({kTempoEvent + kNote, kThreeFour + kNote, kNote}));
  REQUIRE(pieces.size() == 3);
  for (std::size_t i = 0; i < 3; ++i) {
    CHECK(pieces[i].sequence == i + 1);
    CHECK(pieces[i].note_ons == 1);
    CHECK(pieces[i].score.format == 2);
    CHECK(pieces[i].score.tracks.size() == 1);
    CHECK(pieces[i].score.tempos.size() == (i == 0 ? 1 : 0));
    CHECK(pieces[i].score.meters.size() == (i == 1 ? 1 : 0));
  }
}

TEST_CASE("Pieces put together in format 2 come apart as they were", "[midi][reader][property]") {
  std::mt19937 random(14);
  for (int round = 0; round < 200; ++round) {
    const auto count = 1 + random() % 6;
    std::vector<Score> scores;
    std::string file = header(2, static_cast<int>(count), 96);
    for (std::size_t i = 0; i < count; ++i) {
      Score score;
      do score = random_score(random);
      while (score.tracks.size() != 1);
      score.format = 2;
      score.division = Division{96, 0, 0};
      file += track_chunk(score);
      scores.push_back(score);
    }
    const auto pieces = read_sequences(file);
    std::size_t with_notes = 0;
    for (const Score& score : scores) with_notes += note_count(score) > 0 ? 1 : 0;
    REQUIRE(pieces.size() == std::max<std::size_t>(with_notes, 1));
    for (const ReadResult& piece : pieces) {
      INFO("round " << round << ", sequence " << piece.sequence);
      REQUIRE(piece.score == scores.at(piece.sequence - 1));
    }
  }
}

TEST_CASE("Tracks of formats 0 and 1 are one piece", "[midi][reader]") {
  const auto pieces = read_sequences(file_of({kTempoEvent, kNote, kNote}));
  REQUIRE(pieces.size() == 1);
  CHECK(pieces[0].score.tracks.size() == 3);
  CHECK(pieces[0].sequence == 1);
}

TEST_CASE("Where format 2 holds several pieces, one is to be named", "[midi][reader]") {
  CHECK_THROWS_WITH(read(patterns_of({kNote, kNote, kTempoEvent, kNote})),
                    Contains("format 2") && Contains("1-2, 4") && Contains("piece.mid#1"));
  const auto only = read(patterns_of({kTempoEvent, kNote}));
  CHECK(only.sequence == 2);
  CHECK(only.note_ons == 1);
  REQUIRE(only.warnings.size() == 1);
  CHECK_THAT(only.warnings[0].message, Contains("sequence 1") && Contains("no notes"));
  CHECK(read(patterns_of({kTempoEvent, {}})).score.tempos.size() == 1);
  std::vector<std::string> many;
  for (int i = 0; i < 60; ++i) many.push_back(i % 3 == 0 ? std::string() : kNote);
  CHECK_THROWS_WITH(read(patterns_of(many)), Contains("2-3, 5-6") && Contains(", ...;"));
}

TEST_CASE("A sequence is told its own warnings", "[midi][reader]") {
  const std::string stray = bytes({0, 0xF8});
  const auto pieces = read_sequences(patterns_of({kNote, stray + kNote, kNote}) + "?");
  REQUIRE(pieces.size() == 3);
  CHECK(pieces[0].warnings.empty());
  CHECK(pieces[1].warnings.size() == 1);
  CHECK(pieces[2].warnings.size() == 1);
}

TEST_CASE("A sequence of a file is named by its number behind a #", "[midi][reader]") {
  const musicvae::test::TemporaryFolder folder;
  std::ofstream(folder / "a.mid", std::ios::binary) << patterns_of({kNote, kThreeFour + kNote});
  std::ofstream(folder / "b.mid", std::ios::binary) << file_of({kNote});
  CHECK(read_midi_file(folder / "a.mid#2").score.meters.size() == 1);
  CHECK(read_midi_file(folder / "a.mid#1").score.meters.empty());
  CHECK(read_midi_sequences_file(folder / "a.mid").size() == 2);
  CHECK(read_midi_sequences_file(folder / "a.mid#2").size() == 1);
  CHECK(read_midi_file(folder / "b.mid#1").note_ons == 1);
  CHECK_THROWS_WITH(read_midi_file(folder / "a.mid"), Contains("1-2") && Contains("a.mid#1"));
  CHECK_THROWS_WITH(read_midi_file(folder / "a.mid#3"),
                    Contains("a.mid") && Contains("no sequence 3") && Contains("1-2"));
  std::ofstream(folder / "a.mid#2", std::ios::binary) << file_of({kNote, kNote});
  CHECK(read_midi_file(folder / "a.mid#2").note_ons == 2);
}
