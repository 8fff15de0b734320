#include "src/music/selection.hpp"

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
  piece.parts = {{"Flute", 0, 73}, {"Guitar", 1, 24}, {"Guitar", 2, 24}, {"Kit", 9, 0}};
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

}  // namespace

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
