#include "datasets/splice/extension.hpp"

#include <algorithm>
#include <random>

#include "datasets/splice/splice.hpp"
#include "tests/catch.hpp"

using namespace musicvae::datasets;
using namespace musicvae;
using midi::Ticks;

namespace {

/// `bars` bars of 3/4 in quarters of 480 ticks, of which the last two are silent, with a slow end.
midi::Score waltz(int bars) {
  midi::Score score;
  score.tempos = {{Ticks(0), 500'000}, {Ticks(1440 * (bars - 4)), 900'000}};
  score.meters = {{Ticks(0), {3, 4}}};
  score.keys = {{Ticks(0), 2, false}};
  midi::Track track;
  track.metas = {{Ticks(0), midi::kTrackName, "Lute"}, {Ticks(0), 0x06, "Theme"}};
  track.messages = {
      {Ticks(0), 0xC0, {24, 0}}, {Ticks(0), 0xB0, {64, 127}}, {Ticks(700), 0xB0, {64, 0}}};
  track.sysex = {{Ticks(0), 0xF0, "\x7e\x7f\x09\x01\xf7"}};
  for (int quarter = 0; quarter < 3 * (bars - 2); ++quarter) {
    track.notes.push_back({Ticks(480 * quarter), Ticks(480), 0, std::uint8_t(60 + quarter % 7)});
  }
  track.end = Ticks(1440 * bars);
  score.tracks = {track};
  return score;
}

Piece piece_of(const midi::Score& score) { return quantize(score, {4}); }

}  // namespace

TEST_CASE("New bars come after the last that sounds", "[datasets][extension]") {
  const auto score = waltz(8);
  const auto extended = with_bars_after(score, piece_of(score), 4);
  CHECK(extended.bars == std::vector{6, 7, 8, 9});
  REQUIRE(extended.piece.music.bars.size() == 10);
  for (const int bar : extended.bars) {
    CHECK(extended.piece.music.bars[std::size_t(bar)].notes.empty());
    CHECK((extended.piece.music.bars[std::size_t(bar)].meter == midi::Meter{3, 4}));
  }
  CHECK(extended.score.tracks[0].end == Ticks(14400));
  CHECK((extended.score.tracks[0].notes == score.tracks[0].notes));
  CHECK((extended.score.tracks[0].messages == score.tracks[0].messages));
  const auto one = with_bars_after(score, piece_of(score), 1);
  CHECK(one.bars == std::vector{6});
  CHECK(one.piece.music.bars.size() == 7);
}

TEST_CASE("After a slow end the usual tempo comes back", "[datasets][extension]") {
  const auto score = waltz(8);
  const auto extended = with_bars_after(score, piece_of(score), 4);
  REQUIRE(extended.score.tempos.size() == 3);
  CHECK(extended.score.tempos[2].time == Ticks(1440 * 6));
  CHECK(extended.score.tempos[2].microseconds_per_quarter == 500'000);
  auto steady = score;
  steady.tempos.resize(1);
  CHECK(with_bars_after(steady, piece_of(steady), 4).score.tempos.size() == 1);
}

TEST_CASE("Music comes later by the bars before it, and its set-up stays at the start",
          "[datasets][extension]") {
  const auto score = waltz(8);
  const auto extended = with_bars_before(score, piece_of(score), 2);
  const Ticks later(2 * 1440);
  CHECK(extended.bars == std::vector{0, 1});
  CHECK(extended.piece.music.bars.size() == 10);
  const auto& before = score.tracks[0];
  const auto& after = extended.score.tracks[0];
  REQUIRE(after.notes.size() == before.notes.size());
  for (std::size_t i = 0; i < after.notes.size(); ++i) {
    CHECK(after.notes[i].onset == before.notes[i].onset + later);
  }
  CHECK(after.metas[0].time == Ticks(0));
  CHECK(after.metas[1].time == later);  // A marker belongs to the music.
  CHECK(after.messages[0].time == Ticks(0));
  CHECK(after.messages[1].time == later);  // So does a pedal.
  CHECK(after.messages[2].time == Ticks(700) + later);
  CHECK(after.sysex[0].time == Ticks(0));
  CHECK(after.end == before.end + later);
  CHECK(extended.score.tempos[0].time == Ticks(0));
  CHECK(extended.score.tempos[1].time == score.tempos[1].time + later);
  CHECK((extended.score.meters == score.meters));
  CHECK((extended.score.keys == score.keys));
}

TEST_CASE("The piece of an extended score is what a reader of the score finds",
          "[datasets][extension]") {
  std::mt19937 random(5);
  const auto draw = [&](int low, int high) {
    return std::uniform_int_distribution<int>(low, high)(random);
  };
  for (int trial = 0; trial < 100; ++trial) {
    midi::Score score = waltz(draw(5, 9));
    const std::vector<midi::Meter> meters = {{3, 4}, {4, 4}, {6, 8}, {3, 8}, {2, 2}, {5, 4}};
    score.meters[0].meter = meters[std::size_t(draw(0, 5))];
    score.division.ticks_per_quarter = std::vector{1, 2, 96, 480, 960}[std::size_t(draw(0, 4))];
    if (draw(0, 1) == 1) {  // An upbeat of a quarter.
      const Ticks quarter(score.division.ticks_per_quarter);
      score.meters.insert(score.meters.begin(), {Ticks(0), {1, 4}});
      score.meters[1].time = quarter;
    }
    const Piece piece = piece_of(score);
    const int count = draw(1, 5);
    const auto before = with_bars_before(score, piece, count);
    const Piece found = quantize(before.score, {4}, {.guess_bars = false});
    REQUIRE(found.music.bars.size() >= piece.music.bars.size());
    for (std::size_t bar = 0; bar < found.music.bars.size(); ++bar) {
      CAPTURE(trial, bar);
      CHECK((found.music.bars[bar].length == before.piece.music.bars[bar].length));
      CHECK((found.music.bars[bar].notes == before.piece.music.bars[bar].notes));
    }
    const auto after = with_bars_after(score, piece, count);
    Passage filled = after.piece.music;
    filled.bars[std::size_t(after.bars.back())].notes = {{Steps(0), Steps(2), 70}};
    const auto spliced = replace_bars(after.score, after.piece, after.bars, filled, {0});
    CHECK(spliced.written == 1);
    const Piece longer = quantize(spliced.score, {4}, {.guess_bars = false, .silent_end = false});
    REQUIRE(longer.music.bars.size() == std::size_t(after.bars.back() + 1));
    CHECK(longer.music.bars.back().notes.size() == 1);
    CHECK(longer.music.bars.back().length == after.piece.music.bars.back().length);
  }
}

TEST_CASE("What has no music has nothing to go on from", "[datasets][extension]") {
  auto score = waltz(4);
  score.tracks[0].notes.clear();
  CHECK_THROWS_AS(with_bars_after(score, piece_of(score), 1), DatasetError);
  CHECK_THROWS_AS(with_bars_before(score, piece_of(score), 1), DatasetError);
  CHECK_THROWS_AS(with_bars_after(waltz(8), piece_of(waltz(8)), kMaxBars), DatasetError);
}
