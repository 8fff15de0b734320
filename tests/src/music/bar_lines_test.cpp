#include "src/music/bar_lines.hpp"

#include "datasets/error.hpp"
#include "src/base/error.hpp"
#include "tests/catch.hpp"

namespace musicvae {
namespace {

using midi::Ticks;

/// Notes of a quarter from `onset` on, without gaps.
midi::Score quarters(Ticks onset, int count, std::vector<midi::MeterChange> meters) {
  midi::Score score;
  score.tracks.resize(1);
  for (int i = 0; i < count; ++i) {
    midi::Note note;
    note.onset = onset + Ticks(480 * i);
    note.duration = Ticks(480);
    score.tracks[0].notes.push_back(note);
  }
  score.meters = std::move(meters);
  return score;
}

TEST_CASE("Bars are counted from 1 and follow the meters", "[src][bar_lines]") {
  const BarLines bars(quarters(Ticks(0), 10, {{Ticks(0), {4, 4}}, {Ticks(1920), {3, 4}}}));
  CHECK(bars.first() == 1);
  CHECK(bars.last() == 3);
  CHECK(bars.start(2) == Ticks(1920));
  CHECK(bars.end(2) == Ticks(1920 + 1440));
  CHECK(bars.bar_at(Ticks(1919)) == 1);
  CHECK(bars.bar_at(Ticks(1920)) == 2);
  CHECK(bars.bar_at(Ticks(1'000'000)) == 3);
}

TEST_CASE("A stated upbeat is bar 1, a guessed one bar 0", "[src][bar_lines]") {
  const BarLines stated(quarters(Ticks(0), 9, {{Ticks(0), {1, 4}}, {Ticks(480), {4, 4}}}));
  CHECK(stated.first() == 1);
  CHECK(stated.start(2) == Ticks(480));
  const midi::Score late = quarters(Ticks(1440), 9, {});
  CHECK(BarLines(late).first() == 0);
  CHECK(BarLines(late).guess().upbeat);
  const BarLines plain(late, {.guess_bars = false});
  CHECK(plain.first() == 1);
  CHECK_FALSE(plain.guess().any());
}

TEST_CASE("Stretches of bars have the times at which they sound", "[src][bar_lines]") {
  midi::Score score = quarters(Ticks(0), 40, {{Ticks(0), {4, 4}}});
  score.tempos = {{Ticks(0), 500'000}, {Ticks(4 * 1920), 1'000'000}};
  const auto piece = datasets::quantize(score, datasets::Grid{4});
  const auto stretches = bar_stretches(score, piece, {3, 4, 5, 8});
  REQUIRE(stretches.size() == 2);
  CHECK(stretches[0].first == 4);
  CHECK(stretches[0].last == 6);
  CHECK(stretches[0].start.count == Approx(6));
  CHECK(stretches[0].end.count == Approx(16));
  CHECK(describe(stretches) == "bars 4-6 (0:06.0 to 0:16.0), 9 (0:24.0 to 0:28.0)");
  CHECK(describe(bar_stretches(score, piece, {9})) == "bar 10 (0:28.0 to 0:32.0)");
}

TEST_CASE("Times are rounded before they are split into minutes", "[src][bar_lines]") {
  CHECK(describe({{1, 2, midi::Seconds(59.96), midi::Seconds(3725.04)}}) ==
        "bars 1-2 (1:00.0 to 62:05.0)");
}

TEST_CASE("A bar that is not there is an error that says which are", "[src][bar_lines]") {
  const BarLines bars(quarters(Ticks(0), 8, {{Ticks(0), {4, 4}}}));
  CHECK_THROWS_WITH(bars.start(3), Catch::Contains("bars 1 to 2"));
  CHECK_THROWS_AS(bars.end(0), Error);
}

TEST_CASE("A score in SMPTE time has no bars", "[src][bar_lines]") {
  midi::Score score = quarters(Ticks(0), 4, {});
  score.division = {0, 25, 40};
  CHECK_THROWS_AS(BarLines(score), datasets::DatasetError);
}

}  // namespace
}  // namespace musicvae
