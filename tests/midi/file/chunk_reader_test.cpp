#include "midi/file/chunk_reader.hpp"

#include <string>

#include "tests/catch.hpp"
#include "tests/midi/smf_bytes.hpp"

using namespace musicvae::midi;
using namespace musicvae::midi::testing;

namespace {

/// A track chunk that claims `claim` bytes, whatever it holds.
std::string lying_chunk(std::uint32_t claim, const std::string& data) {
  std::string result = "MTrk";
  append_big_endian(result, claim, 4);
  return result + data;
}

}  // namespace

TEST_CASE("A track chunk with a wrong size is read to its end of track", "[midi][chunks]") {
  const std::string track = kNote + kEnd;
  const auto size = static_cast<std::uint32_t>(track.size());
  for (const std::uint32_t claim : {0u, 3u, size - 1, size + 1, size + 5, 1000u, 0xFFFF'FFFFu}) {
    const auto result =
        read(header(1, 2) + lying_chunk(claim, track) + chunk("MTrk", kNote + kNote + kEnd));
    REQUIRE(result.score.tracks.size() == 2);
    CHECK(result.score.tracks[0].notes.size() == 1);
    CHECK(result.score.tracks[1].notes.size() == 2);
    REQUIRE(result.warnings.size() == 1);
    CHECK(result.warnings[0].offset == 14);
  }
}

TEST_CASE("A track that claims all tracks after it leaves them their own", "[midi][chunks]") {
  const std::string next = chunk("MTrk", kNote + kNote + kEnd);
  const std::string track = kNote + kEnd;
  const auto result = read(
      header(1, 2) + lying_chunk(static_cast<std::uint32_t>((track + next).size()), track) + next);
  REQUIRE(result.score.tracks.size() == 2);
  CHECK(result.score.tracks[0].notes.size() == 1);
  CHECK(result.score.tracks[1].notes.size() == 2);
}

TEST_CASE("A track with a wrong size and no end ends before the next", "[midi][chunks]") {
  const auto result = read(header(1, 2) + lying_chunk(1000, kNote) + chunk("MTrk", kNote + kEnd));
  REQUIRE(result.score.tracks.size() == 2);
  CHECK(result.score.tracks[0].notes.size() == 1);
  CHECK(result.score.tracks[0].metas.empty());
  CHECK(result.score.tracks[1].notes.size() == 1);
}

TEST_CASE("Fewer bytes than a chunk needs do not make a track's size believed", "[midi][chunks]") {
  const std::string text = bytes({0, 0xFF, 1, 4, 'a', 'b', 'c', 'd'});
  const auto result = read(header(1, 1) + lying_chunk(4, text));
  CHECK(result.score.tracks.at(0).metas == std::vector<MetaEvent>{{Ticks(0), 1, "abcd"}});
}

TEST_CASE("A track of no bytes at the end of the file is read", "[midi][chunks]") {
  CHECK(read(header(1, 2) + chunk("MTrk", kNote + kEnd) + chunk("MTrk", "")).score.tracks.size() ==
        2);
}

TEST_CASE("A last chunk cut short gives what is there", "[midi][chunks]") {
  const std::string whole = file_of({kNote, kNote + kNote});
  for (std::size_t size = 14; size < whole.size(); ++size) {
    const auto result = read(whole.substr(0, size));
    CHECK_FALSE(result.warnings.empty());
    CHECK(note_count(result.score) == result.note_ons);
  }
  CHECK(note_count(read(whole.substr(0, whole.size() - 4)).score) == 3);
}

TEST_CASE("Unknown chunks are skipped with a warning", "[midi][chunks]") {
  const auto result = read(header(1, 1) + chunk("XF I", "MTrk in here") +
                           chunk("MTrk", kNote + kEnd) + chunk("XFKM", ""));
  CHECK(result.score.tracks.size() == 1);
  CHECK(result.note_ons == 1);
  REQUIRE(result.warnings.size() == 2);
  CHECK(result.warnings[0].offset == 14);
  CHECK(result.warnings[0].message == "unknown chunk 'XF I'; ignored");
  CHECK(result.warnings[1].message == "unknown chunk 'XFKM'; ignored");
}

TEST_CASE("Bytes between chunks are skipped up to the next track", "[midi][chunks]") {
  const std::string track = chunk("MTrk", kNote + kEnd);
  const auto result = read(header(1, 2) + track + bytes({0, 0, 1}) + track);
  CHECK(result.score.tracks.size() == 2);
  CHECK(result.note_ons == 2);
  CHECK(result.warnings.size() == 1);
}

TEST_CASE("Bytes after the last track are ignored with a warning", "[midi][chunks]") {
  for (const std::string& junk :
       {bytes({0}), std::string(100, '\0'), std::string(9, '\0') + chunk("MTrk", kNote + kEnd)}) {
    const auto result = read(file_of({kNote}) + junk);
    CHECK(result.note_ons == 1);
    CHECK(result.warnings.size() == 1);
  }
}

TEST_CASE("Events after the end-of-track event are ignored with a warning", "[midi][chunks]") {
  const auto result = read(header(1, 1) + chunk("MTrk", kNote + kEnd + kNote));
  CHECK(result.note_ons == 1);
  CHECK(result.warnings.size() == 1);
}

TEST_CASE("Tracks are read whatever number the header claims", "[midi][chunks]") {
  const std::string track = chunk("MTrk", kNote + kEnd);
  for (const int claim : {0, 1, 3, 200}) {
    const auto result = read(header(1, claim) + track + track);
    CHECK(result.score.tracks.size() == 2);
    REQUIRE(result.warnings.size() == 1);
    CHECK(result.warnings[0].offset == 10);
  }
}

TEST_CASE("No more tracks are read than a header can count", "[midi][chunks]") {
  std::string file = header(1, 0);
  for (std::size_t i = 0; i < kMaxTracks + 10; ++i) file += chunk("MTrk", "");
  CHECK(read(file).score.tracks.size() == kMaxTracks);
}
