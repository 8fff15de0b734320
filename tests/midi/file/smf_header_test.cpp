#include "midi/file/smf_header.hpp"

#include <string>

#include "tests/catch.hpp"
#include "tests/midi/smf_bytes.hpp"

using namespace musicvae::midi;
using namespace musicvae::midi::testing;

namespace {

std::string riff_chunk(const std::string& name, const std::string& data) {
  std::string result = name;
  for (int shift = 0; shift < 32; shift += 8) result += static_cast<char>(data.size() >> shift);
  return result + data + std::string(data.size() % 2, '\0');
}

std::string error_of(const std::string& file) {
  try {
    read(file);
  } catch (const MidiError& error) {
    return error.what();
  }
  return "";
}

}  // namespace

TEST_CASE("What is not MIDI is refused with what was found instead", "[midi][header]") {
  CHECK(error_of("Hello, world, this is text") ==
        "not a MIDI file: expected 'MThd', found 'Hell' (byte 0)");
  CHECK(error_of("") == "not a MIDI file: expected 'MThd', found nothing (byte 0)");
  CHECK(error_of(bytes({0x1F, 0x8B, 0x7F, '~'})) ==
        "not a MIDI file: expected 'MThd', found '\\x1f\\x8b\\x7f~' (byte 0)");
  CHECK(error_of("MThd") == "the MIDI header is cut short: expected 14 bytes, found 4 (byte 0)");
}

TEST_CASE("Format and division are read", "[midi][header]") {
  const auto result = read(header(2, 1, 96) + chunk("MTrk", kNote + kEnd));
  CHECK(result.score.format == 2);
  CHECK(result.score.division == Division{96, 0, 0});
  CHECK(result.warnings.empty());
}

TEST_CASE("SMPTE division gives frames and ticks a frame", "[midi][header]") {
  const auto division = [](int frames, int ticks) {
    const auto result =
        read(header(1, 1, (256 - frames) << 8 | ticks) + chunk("MTrk", kNote + kEnd));
    CHECK(result.warnings.empty());
    return result.score.division;
  };
  for (const int frames : {24, 25, 29, 30}) CHECK(division(frames, 40) == Division{0, frames, 40});
}

TEST_CASE("A division that means nothing gives 480 ticks a quarter with a warning",
          "[midi][header]") {
  for (const int division : {0, 0xFF40, 0xE700}) {
    const auto result = read(header(1, 1, division) + chunk("MTrk", kNote + kEnd));
    CHECK(result.score.division == Division{480, 0, 0});
    REQUIRE(result.warnings.size() == 1);
    CHECK(result.warnings[0].offset == 12);
  }
}

TEST_CASE("An unknown format is read as format 1 with a warning", "[midi][header]") {
  const auto result = read(header(3, 1) + chunk("MTrk", kNote + kEnd));
  CHECK(result.score.format == 1);
  CHECK(result.warnings.size() == 1);
}

TEST_CASE("Format 0 with several tracks is read as format 1 with a warning", "[midi][header]") {
  const std::string track = chunk("MTrk", kNote + kEnd);
  const auto result = read(header(0, 2) + track + track);
  CHECK(result.score.format == 1);
  CHECK(result.score.tracks.size() == 2);
  CHECK(result.warnings.size() == 1);
}

TEST_CASE("A header of another size than 6 is forgiven", "[midi][header]") {
  const std::string fields = bytes({0, 1, 0, 1, 1, 0xE0});
  const std::string track = chunk("MTrk", kNote + kEnd);
  const auto longer = read(chunk("MThd", fields + "more") + track);
  const auto lying = read("MThd" + bytes({0, 0, 0, 10}) + fields + track);
  const auto shorter = read("MThd" + bytes({0, 0, 0, 0}) + fields + track);
  for (const auto& result : {longer, lying, shorter}) {
    CHECK(result.note_ons == 1);
    CHECK(result.warnings.size() == 1);
  }
}

TEST_CASE("What follows a header that claims too few bytes is a chunk", "[midi][header]") {
  const std::string short_header = "MThd" + bytes({0, 0, 0, 0, 0, 1, 0, 1, 1, 0xE0});
  const auto result = read(short_header + chunk("XFIH", "") + chunk("MTrk", kNote + kEnd));
  CHECK(result.note_ons == 1);
  REQUIRE(result.warnings.size() == 2);
  CHECK(result.warnings[1].message == "unknown chunk 'XFIH'; ignored");
}

TEST_CASE("A header that claims all that follows leaves an empty score", "[midi][header]") {
  const std::string greedy = "MThd" + bytes({0, 0, 3, 0xE8, 0, 1, 0, 0, 1, 0xE0}) + "bytes";
  const std::string wrapped =
      riff_chunk("RIFF", "RMID" + riff_chunk("data", greedy + "!") + riff_chunk("INFO", kNote));
  for (const std::string& file : {greedy, wrapped}) {
    const auto result = read(file);
    CHECK(result.score.tracks.empty());
    REQUIRE(result.warnings.size() == 1);
    CHECK(result.warnings[0].message == "expected a header of 6 bytes, found 1000");
  }
}

TEST_CASE("A RIFF wrapper is opened without a warning", "[midi][header]") {
  const std::string file = file_of({kNote});
  const auto result =
      read(riff_chunk("RIFF", "RMID" + riff_chunk("DISP", "odd") + riff_chunk("data", file) +
                                  riff_chunk("INFO", "MTrk")));
  CHECK(result.note_ons == 1);
  CHECK(result.score.tracks.size() == 1);
  CHECK(result.warnings.empty());
}

TEST_CASE("A RIFF wrapper with wrong sizes is opened with a warning", "[midi][header]") {
  std::string riff = riff_chunk("RIFF", "RMID" + riff_chunk("data", file_of({kNote})));
  riff[18] = 0x7F;
  const auto result = read(riff);
  CHECK(result.note_ons == 1);
  REQUIRE(result.warnings.size() == 2);  // The other is for the chunk's padding.
  CHECK(result.warnings[0].offset == 12);
}

TEST_CASE("A RIFF wrapper around other bytes is searched for a header", "[midi][header]") {
  const auto result =
      read(riff_chunk("RIFF", "RMID" + riff_chunk("data", "????")) + file_of({kNote}));
  CHECK(result.note_ons == 1);
  REQUIRE(result.warnings.size() == 1);
  CHECK(result.warnings[0].message == "24 bytes before the header; ignored");
}

TEST_CASE("Bytes before the header are skipped with a warning", "[midi][header]") {
  const auto result = read(std::string(128, '\0') + file_of({kNote}));
  CHECK(result.note_ons == 1);
  REQUIRE(result.warnings.size() == 1);
  CHECK(result.warnings[0].offset == 0);
}
