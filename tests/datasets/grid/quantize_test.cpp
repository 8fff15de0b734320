#include <chrono>
#include <cmath>

#include "datasets/grid/grid.hpp"
#include "tests/catch.hpp"
#include "tests/datasets/random_music.hpp"

using namespace musicvae;
using namespace musicvae::datasets;
using namespace musicvae::datasets::testing;

namespace {

constexpr Grid kSixteenths{4};

midi::Note note_at(std::int64_t onset, std::int64_t duration, int pitch = 60, int velocity = 64) {
  midi::Note note;
  note.onset = midi::Ticks(onset);
  note.duration = midi::Ticks(duration);
  note.pitch = static_cast<std::uint8_t>(pitch);
  note.velocity = static_cast<std::uint8_t>(velocity);
  return note;
}

/// 480 ticks a quarter, notes of an eighth at the given quarters.
midi::Score score_of(const std::vector<double>& quarters, std::vector<midi::MeterChange> meters) {
  midi::Score score;
  score.tracks.resize(1);
  for (const double quarter : quarters) {
    score.tracks[0].notes.push_back(note_at(std::llround(quarter * 480), 240));
  }
  score.meters = std::move(meters);
  return score;
}

midi::MeterChange meter_at(double quarter, int numerator, int denominator) {
  return {midi::Ticks(std::llround(quarter * 480)),
          {static_cast<std::uint8_t>(numerator), static_cast<std::uint16_t>(denominator)},
          24,
          8};
}

std::vector<int> lengths(const Piece& piece) {
  std::vector<int> result;
  for (const Bar& bar : piece.music.bars) result.push_back(bar.length.count);
  return result;
}

/// A tune whose bars of `bar` eighths begin loudest, after an upbeat of `upbeat` eighths that is
/// played at tick 1, as abc2midi writes it. It states no meter.
midi::Score accented_tune(int upbeat, int bar, int bars) {
  midi::Score score;
  score.tracks.resize(1);
  for (int eighth = 0; eighth < upbeat + bars * bar; ++eighth) {
    const bool on_bar = (eighth - upbeat) % bar == 0 || eighth == 0;
    score.tracks[0].notes.push_back(
        note_at(1 + 240 * eighth, 239, 60 + eighth % 7, on_bar ? 105 : 80));
  }
  return score;
}

}  // namespace

TEST_CASE("Bars hold as many steps as their meter says", "[datasets][quantize]") {
  const auto [numerator, denominator, steps] = GENERATE(table<int, int, int>(
      {{4, 4, 16}, {3, 4, 12}, {6, 8, 12}, {12, 8, 24}, {3, 8, 6}, {2, 2, 16}, {5, 4, 20}}));
  const Piece piece =
      quantize(score_of({0, 5, 10, 20}, {meter_at(0, numerator, denominator)}), kSixteenths);
  CHECK(piece.music.bars.size() == std::size_t((20 * 4 + 2 + steps - 1) / steps));
  for (const Bar& bar : piece.music.bars) CHECK(bar.length == Steps(steps));
  CHECK(piece.first_bar() == 1);
}

TEST_CASE("Without a meter bars are 4/4", "[datasets][quantize]") {
  CHECK(lengths(quantize(score_of({0, 5}, {}), kSixteenths)) == std::vector<int>{16, 16});
}

TEST_CASE("A meter change in mid-bar cuts that bar short", "[datasets][quantize]") {
  const Piece piece =
      quantize(score_of({0, 6, 9}, {meter_at(0, 4, 4), meter_at(6, 3, 4)}), kSixteenths);
  CHECK(lengths(piece) == std::vector<int>{16, 8, 12, 12});
  CHECK(piece.music.bars[1].meter == midi::Meter{4, 4});
  CHECK(piece.music.bars[2].meter == midi::Meter{3, 4});
}

TEST_CASE("An upbeat written as a short bar takes the meter that follows", "[datasets][quantize]") {
  const Piece piece =
      quantize(score_of({0, 1, 4}, {meter_at(0, 1, 4), meter_at(1, 3, 4)}), kSixteenths);
  CHECK(lengths(piece) == std::vector<int>{4, 12, 12});
  CHECK(piece.music.bars[0].meter == midi::Meter{3, 4});
  CHECK(piece.first_bar() == 1);
}

TEST_CASE("A first bar cut by a meter change is bar 1", "[datasets][quantize]") {
  const Piece piece =
      quantize(score_of({0, 1, 5}, {meter_at(0, 4, 4), meter_at(0.5, 4, 4)}), kSixteenths);
  CHECK(lengths(piece) == std::vector<int>{2, 16, 16});
  CHECK(piece.first_bar() == 1);
}

TEST_CASE("A first bar longer than half the next is a bar of its own", "[datasets][quantize]") {
  const Piece piece =
      quantize(score_of({0, 4, 10}, {meter_at(0, 2, 2), meter_at(4, 3, 2)}), kSixteenths);
  CHECK(piece.music.bars[0].meter == midi::Meter{2, 2});
}

TEST_CASE("Rests at the start of a stated meter leave its first bar bar 1",
          "[datasets][quantize]") {
  const Piece piece = quantize(score_of({2.5, 3, 4}, {meter_at(0, 6, 8)}), kSixteenths);
  CHECK(lengths(piece) == std::vector<int>{12, 12});
  CHECK(piece.first_bar() == 1);
  CHECK_FALSE(piece.guess.any());
}

TEST_CASE("Without a meter, a first bar that is half silent counts as an upbeat",
          "[datasets][quantize]") {
  const midi::Score late = score_of({2.5, 3, 4}, {});
  CHECK((quantize(late, kSixteenths).guess == BarGuess{.upbeat = true}));
  CHECK(quantize(late, kSixteenths).first_bar() == 0);
  CHECK(quantize(late, kSixteenths, {.guess_bars = false}).first_bar() == 1);
  CHECK(quantize(score_of({1.5, 3, 4}, {}), kSixteenths).first_bar() == 1);
}

TEST_CASE("Without a meter, bars follow accents unless guesses are off", "[datasets][quantize]") {
  const midi::Score tune = accented_tune(1, 8, 8);
  const Piece piece = quantize(tune, kSixteenths);
  CHECK((piece.guess == BarGuess{.accents = true, .upbeat = true}));
  REQUIRE(piece.music.bars.size() == 9);
  CHECK(piece.music.bars[0].length == Steps(2));
  for (std::size_t i = 1; i < 9; ++i) {
    CHECK(piece.music.bars[i].length == Steps(16));
    CHECK(piece.music.bars[i].notes.front().velocity == 105);
  }
  CHECK_FALSE(quantize(accented_tune(0, 8, 8), kSixteenths).guess.any());
  const Piece plain = quantize(tune, kSixteenths, {.guess_bars = false});
  CHECK_FALSE(plain.guess.any());
  for (const Bar& bar : plain.music.bars) CHECK(bar.length == Steps(16));
}

TEST_CASE("Without a meter, accents that do not mark bars move none", "[datasets][quantize]") {
  midi::Score tune = accented_tune(1, 8, 16);
  int next_accent = 0, accents = 0;
  for (int eighth = 0; eighth < int(tune.tracks[0].notes.size()); ++eighth) {
    const bool loud = eighth == next_accent;
    if (loud) next_accent += accents++ % 4 < 2 ? 7 : 8;
    tune.tracks[0].notes[std::size_t(eighth)].velocity = loud ? 105 : 80;
  }
  for (const Bar& bar : quantize(tune, kSixteenths).music.bars) CHECK(bar.length == Steps(16));
}

TEST_CASE("A stated meter is law: accents and rests move no bar line",
          "[datasets][quantize][property]") {
  Rng rng(31);
  for (int round = 0; round < 200; ++round) {
    const int bar = pick(rng, 2, 12), upbeat = pick(rng, 0, bar - 1), rest = pick(rng, 0, bar - 1);
    midi::Score score = accented_tune(upbeat, bar, pick(rng, 5, 20));
    score.meters = {meter_at(0, bar, 8)};
    if (pick(rng, 0, 3) == 0) score.meters.push_back(meter_at(pick(rng, 1, 20) * 0.5, bar, 8));
    for (midi::Note& note : score.tracks[0].notes) note.onset += midi::Ticks(240 * rest);
    const Piece piece = quantize(score, kSixteenths);
    REQUIRE_FALSE(piece.guess.any());
    REQUIRE(piece.first_bar() == 1);
    // Bars are counted from tick 0, and from the second meter anew.
    const int change = score.meters.size() == 1 ? 0 : int(score.meters[1].time.count / 120);
    int line = 0;
    for (const Bar& laid : piece.music.bars) {
      const int from = line < change ? 0 : change;
      REQUIRE((line - from) % (2 * bar) == 0);
      const int full = line + 2 * bar;
      line += laid.length.count;
      REQUIRE(line == (from == 0 && change > 0 ? std::min(full, change) : full));
    }
  }
}

TEST_CASE("Onsets and ends go to the nearest step and the error is reported",
          "[datasets][quantize]") {
  midi::Score score;
  score.tracks.resize(1);
  score.tracks[0].notes = {note_at(50, 80), note_at(185, 30)};  // A step is 120 ticks.
  const Piece piece = quantize(score, kSixteenths);
  const std::vector<GridNote>& notes = piece.music.bars.at(0).notes;
  REQUIRE(notes.size() == 2);
  CHECK(notes[0].onset == Steps(0));
  CHECK(notes[0].duration == Steps(1));
  CHECK(notes[1].onset == Steps(2));
  CHECK(notes[1].duration == Steps(1));
  CHECK(piece.report.notes == 2);
  CHECK(piece.report.on_grid == 0);
  CHECK(piece.report.mean_error == Approx((50 + 55) / 240.0));
}

TEST_CASE("No note is lost but those that fall on another", "[datasets][quantize][property]") {
  Rng rng(11);
  for (int round = 0; round < 200; ++round) {
    const midi::Score score = random_score(rng);
    const Grid grid{std::vector<int>{1, 3, 4, 12}[std::size_t(pick(rng, 0, 3))]};
    const Piece piece = quantize(score, grid);
    CHECK(testing::note_count(piece.music) + piece.report.merged_notes == midi::note_count(score));
    CHECK(piece.report.mean_error <= 0.5);
    for (const Bar& bar : piece.music.bars) {
      REQUIRE(bar.length > Steps(0));
      for (const GridNote& note : bar.notes) {
        REQUIRE((note.onset >= Steps(0) && note.onset < bar.length && note.duration > Steps(0)));
      }
    }
  }
}

TEST_CASE("A held note keeps its bars", "[datasets][quantize]") {
  midi::Score score = score_of({0}, {});
  score.tracks[0].notes = {note_at(0, 480 * 9)};
  CHECK(quantize(score, kSixteenths).music.bars.size() == 3);
}

TEST_CASE("Whole silent bars at the end count to the end of the longest track",
          "[datasets][quantize]") {
  midi::Score score = score_of({0}, {});
  const auto bars = [&](int end) {
    score.tracks[0].end = midi::Ticks(end);
    return quantize(score, kSixteenths).music.bars.size();
  };
  CHECK(bars(480) == 1);
  CHECK(bars(1920) == 1);
  CHECK(bars(1921) == 1);
  CHECK(bars(2 * 1920 - 480) == 1);
  CHECK(bars(2 * 1920) == 2);
  CHECK(bars(2 * 1920 - 1) == 2);
  CHECK(bars(13 * 1920) == 13);
  CHECK(quantize(score, kSixteenths, {.silent_end = false}).music.bars.size() == 1);
}

TEST_CASE("A track that ends far behind the music makes no bars", "[datasets][quantize]") {
  midi::Score score = score_of({0}, {});
  for (const std::int64_t end : {std::int64_t{480} * 400, std::int64_t{1} << 40}) {
    score.tracks[0].end = midi::Ticks(end);
    CHECK(quantize(score, kSixteenths).music.bars.size() == 1);
    score.tracks[0].messages = {{midi::Ticks(end), 0xB0, {121, 0}}};
    CHECK(quantize(score, kSixteenths).music.bars.size() == 1);
  }
}

TEST_CASE("A score without notes has no bars, however long it is", "[datasets][quantize]") {
  midi::Score score = score_of({}, {});
  score.tracks[0].end = midi::Ticks(1920 * 4);
  CHECK(quantize(score, kSixteenths).music.bars.empty());
}

TEST_CASE("Each channel of a track is a part with its program", "[datasets][quantize]") {
  midi::Score score;
  score.tracks.resize(2);
  score.tracks[0].metas = {{midi::Ticks(0), midi::kTrackName, "text only"}};
  score.tracks[1].metas = {{midi::Ticks(0), midi::kTrackName, "lute"}};
  score.tracks[1].notes = {note_at(0, 480), note_at(0, 480), note_at(480, 480)};
  score.tracks[1].notes[1].channel = midi::kDrumChannel;
  score.tracks[1].messages = {{midi::Ticks(0), 0xC0, {24, 0}}};
  const Piece piece = quantize(score, kSixteenths);
  REQUIRE(piece.parts.size() == 2);
  CHECK(piece.parts[0] == Part{"lute", 0, 24});
  CHECK(piece.parts[1].drums);
  CHECK_FALSE(piece.music.bars[0].notes[0].drum);
  CHECK(piece.music.bars[0].notes[1].drum);
}

TEST_CASE("A pitch struck again by its part ends the note before", "[datasets][quantize]") {
  midi::Score score;
  score.tracks.resize(1);
  score.tracks[0].notes = {note_at(0, 960), note_at(480, 480), note_at(480, 240)};
  const Piece piece = quantize(score, kSixteenths);
  REQUIRE(testing::note_count(piece.music) == 2);
  CHECK(piece.music.bars[0].notes[0].duration == Steps(4));
  CHECK(piece.music.bars[0].notes[1].duration == Steps(4));
  CHECK(piece.report.merged_notes == 1);
  CHECK(piece.report.cut_notes == 1);
}

TEST_CASE("Bars off the grid neither drift nor vanish", "[datasets][quantize]") {
  const Piece piece = quantize(score_of({0, 100}, {meter_at(0, 5, 32)}), kSixteenths);
  CHECK(piece.report.off_grid_bars == piece.music.bars.size());
  int total = 0;
  for (const int length : lengths(piece)) total += length;
  CHECK(total == 403);  // Bar 161 begins at 2.5 * 161 = 402.5 steps, the end of the last bar.
}

TEST_CASE("Times that no music has are refused", "[datasets][quantize][hostile]") {
  midi::Score score = score_of({0}, {});
  const std::int64_t far = GENERATE(std::int64_t{1} << 40, std::int64_t{1} << 62, -1);
  score.tracks[0].notes.push_back(note_at(far, far));
  CHECK_THROWS_AS(quantize(score, kSixteenths), DatasetError);
}

TEST_CASE("More bars than music has are refused before they are laid out",
          "[datasets][quantize][hostile]") {
  const midi::Score score = score_of({0, 40'000}, {meter_at(0, 1, 32768)});
  CHECK_THROWS_AS(quantize(score, Grid{20}), DatasetError);
}

TEST_CASE("A piece of so many steps that its rows would fill the memory is refused",
          "[datasets][quantize][hostile]") {
  const midi::Score score = score_of({0, 49'000}, {});
  CHECK_NOTHROW(quantize(score, kSixteenths));
  CHECK_THROWS_WITH(quantize(score, Grid{96}), Catch::Contains("96 steps a quarter"));
}

TEST_CASE("Thousands of tiny meters and useless ones are laid out",
          "[datasets][quantize][hostile]") {
  midi::Score score = score_of({0, 3000}, {meter_at(0, 1, 128)});
  for (int i = 0; i < 20'000; ++i) {
    score.meters.push_back({midi::Ticks(i), {static_cast<std::uint8_t>(i % 2), 128}, 24, 8});
    score.meters.push_back({midi::Ticks(i), {4, 0}, 24, 8});
  }
  score.meters.push_back({midi::Ticks(std::int64_t{1} << 61), {4, 4}, 24, 8});
  const Piece piece = quantize(score, kSixteenths);
  for (const int length : lengths(piece)) REQUIRE(length > 0);
  int total = 0;
  for (const int length : lengths(piece)) total += length;
  CHECK(total == 12'002);
}

TEST_CASE("SMPTE time and grids out of range are refused", "[datasets][quantize][hostile]") {
  midi::Score score = score_of({0}, {});
  CHECK_THROWS_AS(quantize(score, Grid{0}), DatasetError);
  CHECK_THROWS_AS(quantize(score, Grid{kMaxStepsPerQuarter + 1}), DatasetError);
  score.division = {0, 25, 40};
  CHECK_THROWS_AS(quantize(score, kSixteenths), DatasetError);
}

TEST_CASE("A score without notes has no bars", "[datasets][quantize]") {
  const Piece piece = quantize(midi::Score{}, kSixteenths);
  CHECK(piece.music.bars.empty());
  CHECK_FALSE(piece.report.is_performed());
}

TEST_CASE("Onsets by chance are a performance, triplets on sixteenths are not",
          "[datasets][quantize]") {
  Rng rng(5);
  midi::Score performance, triplets;
  performance.tracks = {random_track(rng, 480 * 30, 500)};
  triplets.tracks.resize(1);
  for (int i = 0; i < 90; ++i) triplets.tracks[0].notes.push_back(note_at(160 * i, 160));
  CHECK(quantize(performance, kSixteenths).report.is_performed());
  CHECK_FALSE(quantize(triplets, kSixteenths).report.is_performed());
  CHECK(quantize(triplets, Grid{12}).report.on_grid_share() == 1.0);
}
