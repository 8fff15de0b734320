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

TEST_CASE("An upbeat is bar 0", "[src][bar_lines]") {
  const BarLines bars(quarters(Ticks(0), 9, {{Ticks(0), {1, 4}}, {Ticks(480), {4, 4}}}));
  CHECK(bars.first() == 0);
  CHECK(bars.start(1) == Ticks(480));
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
