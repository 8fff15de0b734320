#include "src/live/bar_clock.hpp"

#include "tests/catch.hpp"
#include "tests/src/live_time.hpp"

using namespace musicvae;
using test::moment;
using test::seconds_of;

namespace {

/// `count` MIDI clocks from `start` on, at 150 quarters a minute.
void send_clocks(BarClock& clock, double start, int count) {
  for (int i = 0; i < count; ++i) {
    clock.add({moment(start + i * 0.4 / 24), midi::real_time(midi::kTimingClock)});
  }
}

}  // namespace

TEST_CASE("Bar lines lie where tempo and meter put them", "[src][live]") {
  const BarClock clock(120, {3, 4}, moment(10));
  CHECK(clock.position(moment(10)) == Approx(0));
  CHECK(clock.position(moment(13)) == Approx(2));
  CHECK(seconds_of(clock.line(4)) == Approx(16));
}

TEST_CASE("A first note moves the next bar line to where it is", "[src][live]") {
  BarClock clock(120, {4, 4}, moment(0));
  clock.put_line(moment(3));
  CHECK(clock.position(moment(3)) == Approx(2));
  CHECK(seconds_of(clock.line(3)) == Approx(5));
}

TEST_CASE("A MIDI clock takes over tempo and bar lines, and bars never go back", "[src][live]") {
  BarClock clock(120, {4, 4}, moment(0));
  const double before = clock.position(moment(5));
  clock.add({moment(5), midi::real_time(midi::kClockStart)});
  send_clocks(clock, 5, 49);
  CHECK(clock.follows_midi_clock());
  CHECK(clock.quarters_per_minute() == Approx(150));
  CHECK(clock.position(moment(5)) >= before);
  CHECK(clock.position(moment(5)) == Approx(3));
  CHECK(seconds_of(clock.line(4)) == Approx(5 + 1.6));

  clock.put_line(moment(5.9));  // While a MIDI clock rules, a note moves nothing.
  CHECK(seconds_of(clock.line(4)) == Approx(5 + 1.6));

  clock.add({moment(6), midi::real_time(midi::kClockStart)});
  send_clocks(clock, 6, 25);
  CHECK(clock.position(moment(6)) == Approx(4));
}
