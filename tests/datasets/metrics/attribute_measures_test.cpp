#include "datasets/metrics/attribute_measures.hpp"

#include "tests/catch.hpp"

using namespace musicvae::datasets;
using musicvae::midi::Meter;

namespace {

GridNote note(int onset, int duration, int pitch) {
  return {Steps(onset), Steps(duration), std::uint8_t(pitch)};
}

Passage bar(std::vector<GridNote> notes) {
  return {{4}, {{Meter{4, 4}, Steps(16), std::move(notes)}}};
}

std::optional<double> measured(const char* name, const Passage& part, int tonic = 0) {
  for (const auto& measure : attribute_measures()) {
    if (measure.name == name) return measure.measure(part, tonic);
  }
  FAIL("no measure " << name);
  return {};
}

}  // namespace

TEST_CASE("Attributes of a bar are what they say", "[datasets][metrics][attributes]") {
  // C, then a sixteenth off; a chord on the third beat; C again.
  const Passage part =
      bar({note(0, 4, 60), note(5, 3, 61), note(8, 4, 52), note(8, 8, 64), note(12, 4, 64)});
  CHECK(measured("density", part) == Approx(5 / 4.0));
  CHECK(measured("pitch", part) == Approx((60 + 61 + 52 + 64 + 64) / 5.0));
  CHECK(measured("range", part) == Approx(12));
  CHECK(measured("interval", part) == Approx((1 + 3 + 0) / 3.0));
  CHECK(measured("repetition", part) == Approx(1 / 3.0));
  CHECK(measured("syncopation16", part) == Approx(1 / 4.0));
  CHECK(measured("syncopation8", part) == Approx(0));
  // 4 steps of one, 1 of none, 3 of one, 4 of two, 4 of two.
  CHECK(measured("polyphony", part) == Approx((4 + 3 + 8 + 8) / 15.0));
  CHECK(measured("diatonic", part) == Approx(4 / 5.0));
}

TEST_CASE("An onset off the beat is syncopated only where none is on it",
          "[datasets][metrics][attributes]") {
  CHECK(measured("syncopation8", bar({note(2, 2, 60)})) == Approx(1));
  CHECK(measured("syncopation8", bar({note(0, 2, 60), note(2, 2, 60)})) == Approx(0));
  CHECK(measured("syncopation16", bar({note(2, 1, 60), note(3, 1, 60)})) == Approx(0));
}

TEST_CASE("Silence and drums have no attributes but that nothing begins",
          "[datasets][metrics][attributes]") {
  auto drum = note(0, 4, 36);
  drum.drum = true;
  for (const Passage& part : {bar({}), bar({drum})}) {
    for (const auto& measure : attribute_measures()) {
      INFO(measure.name);
      const auto value = measure.measure(part, 0);
      if (measure.name == "density") CHECK(value == Approx(0));
      if (measure.name != "density") CHECK_FALSE(value.has_value());
    }
  }
}

TEST_CASE("The scale of a piece is that of most of its notes", "[datasets][metrics][attributes]") {
  const Passage d_major = bar({note(0, 4, 62), note(4, 4, 66), note(8, 4, 69), note(12, 4, 73)});
  CHECK(major_tonic(d_major) == 2);
  for (const auto& measure : attribute_measures()) {
    if (measure.name == "diatonic") CHECK(mean_measure(measure, d_major, 1) == Approx(1));
  }
}
