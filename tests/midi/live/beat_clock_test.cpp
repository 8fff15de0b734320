#include "midi/live/beat_clock.hpp"

#include <cmath>

#include "tests/catch.hpp"

namespace musicvae::midi {
namespace {

LiveClock::time_point at(double seconds) {
  return LiveClock::time_point(
      std::chrono::duration_cast<LiveClock::duration>(std::chrono::duration<double>(seconds)));
}

/// `count` clocks at 120 quarters a minute, the first at `start`.
void add_clocks(BeatClock& beat, double start, int count) {
  for (int i = 0; i < count; ++i) beat.add({at(start + i * 0.5 / 24), real_time(kTimingClock)});
}

TEST_CASE("Twenty-four clocks are a quarter from the first on", "[midi][beat_clock]") {
  BeatClock beat;
  CHECK_FALSE(beat.quarters(at(0)));
  add_clocks(beat, 1, 25);
  CHECK(*beat.seconds_per_quarter() == Approx(0.5));
  CHECK(*beat.quarters(at(1.5)) == Approx(1));
  CHECK(*beat.quarters(at(1.51)) == Approx(1.02));
}

TEST_CASE("After a start the next clock is the first", "[midi][beat_clock]") {
  BeatClock beat;
  add_clocks(beat, 0, 30);
  beat.add({at(1), real_time(kClockStart)});
  CHECK(beat.running());
  add_clocks(beat, 1, 13);
  CHECK(*beat.quarters(at(1.25)) == Approx(0.5));
  beat.add({at(2), real_time(kClockStop)});
  CHECK_FALSE(beat.running());
}

TEST_CASE("The beat stands still while no clocks come, and does not leap where they come at once",
          "[midi][beat_clock]") {
  BeatClock beat;
  beat.add({at(0), real_time(kTimingClock)});
  beat.add({at(1e-6), real_time(kTimingClock)});
  CHECK(*beat.quarters(at(60)) == Approx(2 / 24.0));
}

TEST_CASE("A song position counts sixteenths", "[midi][beat_clock]") {
  BeatClock beat;
  beat.add({at(0), {{kSongPosition, 16, 1}, 3}});
  beat.add({at(0), real_time(kClockContinue)});
  add_clocks(beat, 0, 2);
  CHECK(*beat.quarters(at(0.5 / 24)) == Approx((128 + 16) / 4.0 + 1 / 24.0));
}

TEST_CASE("The tempo is that of the last quarter", "[midi][beat_clock]") {
  BeatClock beat;
  add_clocks(beat, 0, 24);
  for (int i = 0; i < 25; ++i) beat.add({at(1 + i * 1.0 / 24), real_time(kTimingClock)});
  CHECK(*beat.seconds_per_quarter() == Approx(1));
}

TEST_CASE("A clock that comes late changes the tempo by less than a quarter of its lateness",
          "[midi][beat_clock]") {
  for (const int late : {0, 12, 24}) {
    BeatClock beat;
    for (int i = 0; i < 25; ++i) {
      beat.add({at(i * 0.25 / 24 + (i == late ? 0.01 : 0)), real_time(kTimingClock)});
    }
    CHECK(std::abs(*beat.seconds_per_quarter() - 0.25) < 0.0025);
  }
}

TEST_CASE("Clocks without time between them give no beat", "[midi][beat_clock]") {
  BeatClock beat;
  for (int i = 0; i < 100; ++i) beat.add({at(1), real_time(kTimingClock)});
  CHECK_FALSE(beat.quarters(at(2)));
}

}  // namespace
}  // namespace musicvae::midi
