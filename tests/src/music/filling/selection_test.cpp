#include "src/music/filling/selection.hpp"

#include <algorithm>

#include "src/base/error.hpp"
#include "tests/catch.hpp"

using namespace musicvae;
using Catch::Contains;
using datasets::Piece;
using datasets::Steps;

namespace {

/// Bars of 2/4. Each has a quarter note, except for the silent ones.
Piece piece_of(int bars, const std::vector<int>& silent = {}) {
  Piece piece;
  piece.name = "tune.mid";
  piece.music.grid = {4};
  for (int bar = 0; bar < bars; ++bar) {
    piece.music.bars.push_back({{2, 4}, Steps(8), {{Steps(0), Steps(4)}}});
  }
  for (const int bar : silent) piece.music.bars[std::size_t(bar)].notes.clear();
  piece.parts = {{"Flute", 0, 73}, {"Guitar", 1, 24}, {"Guitar", 2, 24}, {"Kit", 9, 0, true}};
  return piece;
}

std::vector<int> bars_of(const std::string& text, const Piece& piece) {
  return select_bars(parse_bars(text), piece, piece.music);
}

std::string message(const std::string& text, const Piece& piece) {
  try {
    bars_of(text, piece);
  } catch (const Error& error) {
    return error.what();
  }
  return {};
}

/// A bar for each list of chords, a quarter each, a chord being pitches of one part.
Piece piece_of_chords(const std::vector<std::vector<std::vector<int>>>& parts) {
  Piece piece;
  piece.music.grid = {4};
  for (std::size_t part = 0; part < parts.size(); ++part) {
    piece.parts.push_back({"", std::uint8_t(part), 0});
    piece.music.bars.resize(std::max(piece.music.bars.size(), parts[part].size()),
                            {{4, 4}, Steps(16), {}});
    for (std::size_t bar = 0; bar < parts[part].size(); ++bar) {
      for (const int pitch : parts[part][bar]) {
        datasets::GridNote note{Steps(0), Steps(16)};
        note.pitch = std::uint8_t(pitch);
        note.part = std::uint16_t(part);
        piece.music.bars[bar].notes.push_back(note);
      }
    }
  }
  return piece;
}

using Parts = std::vector<std::uint16_t>;

}  // namespace

TEST_CASE("Chords are told from the tune above them, and from music without a tune",
          "[src][selection]") {
  const std::vector<std::vector<int>> tune = {{72}, {74}, {76}, {77}};
  const std::vector<std::vector<int>> bass = {{36}, {38}, {40}, {41}};
  const std::vector<std::vector<int>> chords = {{48, 52, 55}, {50, 53, 57}, {52}, {53, 57}};
  const std::vector<std::vector<int>> high = {{84, 88}, {86, 89}, {88, 91}, {89, 93}};
  CHECK(parts_above_chords(piece_of_chords({tune, chords})) == Parts{0});
  CHECK(parts_above_chords(piece_of_chords({chords, tune})) == Parts{1});
  CHECK(parts_above_chords(piece_of_chords({tune, chords, bass})) == Parts{0, 2});
  CHECK(parts_above_chords(piece_of_chords({tune, bass})) == Parts{0, 1});
  CHECK(parts_above_chords(piece_of_chords({chords, high})) == Parts{0, 1});
  CHECK(parts_above_chords(piece_of_chords({tune, high})) == Parts{0, 1});
  CHECK(parts_above_chords(piece_of_chords({chords})) == Parts{0});
  CHECK(parts_above_chords(Piece{}).empty());
}

TEST_CASE("Chords are left alone where they sound in the bars to fill", "[src][selection]") {
  Piece piece = piece_of_chords(
      {{{72}, {74}, {}, {77}, {79}}, {{48, 52, 55}, {}, {50, 53, 57}, {52, 55}, {}}});
  CHECK(select_parts(parse_bars("1"), piece) == Parts{0});
  CHECK(select_parts(parse_bars("2"), piece) == Parts{0, 1});
  CHECK(select_parts(parse_bars("1-2"), piece) == Parts{0});
  CHECK(select_parts(parse_bars("empty"), piece) == Parts{0});
  CHECK(select_parts(parse_bars("5"), piece) == Parts{0, 1});
  for (auto& note : piece.music.bars[3].notes) note.duration = Steps(20);  // Into the last bar.
  CHECK(select_parts(parse_bars("5"), piece) == Parts{0});
}

TEST_CASE("Bars are counted from one, or from zero where an upbeat was guessed",
          "[src][selection]") {
  Piece piece = piece_of(20);
  CHECK(bars_of("5-8,13", piece) == std::vector<int>{4, 5, 6, 7, 12});
  CHECK(bars_of(" 20 , 2 - 3,2", piece) == std::vector<int>{1, 2, 19});
  piece.guess.upbeat = true;
  CHECK(bars_of("0,5-6,19", piece) == std::vector<int>{0, 5, 6, 19});
}

TEST_CASE("Empty bars are those in which nothing begins or sounds", "[src][selection]") {
  Piece piece = piece_of(8, {2, 3, 6});
  CHECK(bars_of("empty", piece) == std::vector<int>{2, 3, 6});
  CHECK(bars_of("8,empty", piece) == std::vector<int>{2, 3, 6, 7});
  piece.music.bars[1].notes[0].duration = Steps(9);
  CHECK(bars_of("empty", piece) == std::vector<int>{3, 6});
  CHECK_THAT(message("empty", piece_of(8)), Contains("tune.mid") && Contains("no bar is empty"));
}

TEST_CASE("Bars that the piece has not are refused with their number and its count",
          "[src][selection]") {
  Piece piece = piece_of(20);
  for (const char* text : {"40", "5,18-40", "40-41"}) {
    CHECK_THAT(message(text, piece), Contains("bar 40") && Contains("20 bars"));
  }
  CHECK_THAT(message("0-3", piece), Contains("the first bar is bar 1"));
  piece.guess.upbeat = true;
  CHECK_THAT(message("20", piece), Contains("19 bars and an upbeat"));
}

TEST_CASE("What names no bars is refused", "[src][selection]") {
  for (const char* text : {"", ",", "5,", "x", "5-", "-5", "5--8", "5-8-9", "+5", "5.5", "0x5",
                           "99999999999", "all", "Empty", "5;8"}) {
    INFO(text);
    CHECK_THROWS_AS(parse_bars(text), Error);
  }
  CHECK_THROWS_WITH(parse_bars("8-5"), Contains("backwards") && Contains("5-8"));
}

TEST_CASE("A part is found by its name in any encoding, and as it is shown", "[src][selection]") {
  Piece piece = piece_of(2);
  piece.parts = {{"Fl\xFBte \xE0 bec", 0, 74}, {"Bad\x1B[31m", 1, 0}};
  CHECK(select_part(piece, "Flûte à bec") == 0);
  CHECK(select_part(piece, "Bad\\u001b[31m") == 1);
  CHECK(select_part(piece, "Flыte а bec", "cp1251") == 0);
  CHECK_THROWS_WITH(select_part(piece, "oboe"),
                    Contains("1 Flûte à bec") && Contains("2 Bad\\u001b[31m"));
}

TEST_CASE("A part is found by its name or its number", "[src][selection]") {
  const Piece piece = piece_of(1);
  CHECK(select_part(piece, "flute") == 0);
  CHECK(select_part(piece, "1") == 0);
  CHECK(select_part(piece, "3") == 2);
  CHECK_THROWS_WITH(select_part(piece, "Guitar"), Contains("several") && Contains("2 Guitar"));
  for (const char* name : {"Oboe", "0", "5", "-1"}) {
    CHECK_THROWS_WITH(select_part(piece, name), Contains("no part") && Contains("1 Flute"));
  }
  CHECK_THROWS_WITH(select_part(piece, "Kit"), Contains("drums"));
}
