#include "midi/score.hpp"

#include "tests/catch.hpp"

using namespace musicvae::midi;

TEST_CASE("The tempo map turns ticks to seconds across tempo changes and back", "[midi][score]") {
  Score score;
  score.division.ticks_per_quarter = 100;
  score.tempos = {{Ticks(200), 1'000'000}, {Ticks(300), 250'000}};
  const TempoMap map(score);
  CHECK(map.seconds(Ticks(200)).count == Approx(1.0));  // 120 a minute until a tempo is set
  CHECK(map.seconds(Ticks(300)).count == Approx(2.0));
  CHECK(map.seconds(Ticks(500)).count == Approx(2.5));
  for (const int tick : {0, 1, 199, 200, 250, 301, 1000}) {
    CHECK(map.ticks(map.seconds(Ticks(tick))) == Ticks(tick));
  }
}
