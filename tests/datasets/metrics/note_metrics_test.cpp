#include "datasets/metrics/note_metrics.hpp"

#include "tests/catch.hpp"
#include "tests/datasets/random_music.hpp"

using namespace musicvae;
using namespace musicvae::datasets;
using namespace musicvae::datasets::testing;

namespace {

GridNote note(int onset, int pitch, int duration) {
  GridNote result;
  result.onset = Steps(onset);
  result.pitch = static_cast<std::uint8_t>(pitch);
  result.duration = Steps(duration);
  return result;
}

Passage one_bar(std::vector<GridNote> notes) {
  return {Grid{4}, {{{4, 4}, Steps(16), std::move(notes)}}};
}

}  // namespace

TEST_CASE("A passage matches itself in full", "[datasets][note_metrics]") {
  Rng rng(4);
  const Passage passage = random_passage(rng, Grid{4}, 6);
  const NoteCounts counts = count_matches(passage, passage);
  CHECK(counts.reference == testing::note_count(passage));
  CHECK(counts.onset_pitch == counts.reference);
  CHECK(counts.onset_pitch_duration == counts.reference);
  CHECK(onset_pitch_duration_score(counts).f1 == 1.0);
}

TEST_CASE("Onset, pitch and duration are matched one to one", "[datasets][note_metrics]") {
  const Passage reference =
      one_bar({note(0, 60, 4), note(0, 64, 4), note(4, 60, 2), note(4, 60, 4)});
  const Passage estimated =
      one_bar({note(0, 60, 4), note(0, 60, 4), note(0, 64, 2), note(5, 60, 2)});
  const NoteCounts counts = count_matches(reference, estimated);
  CHECK(counts.onset_pitch == 2);
  CHECK(counts.onset_pitch_duration == 1);
  const PrecisionRecall score = onset_pitch_score(counts);
  CHECK(score.precision == Approx(0.5));
  CHECK(score.recall == Approx(0.5));
  CHECK(score.f1 == Approx(0.5));
}

TEST_CASE("F1 is the harmonic mean of precision and recall", "[datasets][note_metrics]") {
  const NoteCounts counts{8, 4, 3, 1};
  const PrecisionRecall score = onset_pitch_score(counts);
  CHECK(score.precision == Approx(0.75));
  CHECK(score.recall == Approx(0.375));
  CHECK(score.f1 == Approx(2 * 0.75 * 0.375 / (0.75 + 0.375)));
}

TEST_CASE("Swapping the passages swaps precision and recall",
          "[datasets][note_metrics][property]") {
  Rng rng(9);
  RandomNotes range;
  range.lowest = 60, range.highest = 64, range.longest = 3;
  for (int round = 0; round < 50; ++round) {
    const Passage a = random_passage(rng, Grid{4}, 4, range),
                  b = random_passage(rng, Grid{4}, 5, range);
    const PrecisionRecall ab = onset_pitch_duration_score(count_matches(a, b));
    const PrecisionRecall ba = onset_pitch_duration_score(count_matches(b, a));
    CHECK(ab.precision == ba.recall);
    CHECK(ab.recall == ba.precision);
    CHECK(ab.f1 == ba.f1);
  }
}

TEST_CASE("Silence matches silence and nothing else", "[datasets][note_metrics]") {
  CHECK(onset_pitch_score(count_matches(one_bar({}), one_bar({}))).f1 == 1.0);
  const PrecisionRecall missed =
      onset_pitch_score(count_matches(one_bar({note(0, 60, 1)}), one_bar({})));
  CHECK(missed.f1 == 0.0);
  CHECK(missed.precision == 0.0);
}

TEST_CASE("Counts of several passages add up", "[datasets][note_metrics]") {
  NoteCounts total{1, 2, 1, 0};
  total += NoteCounts{10, 20, 5, 4};
  CHECK(total.reference == 11);
  CHECK(total.estimated == 22);
  CHECK(total.onset_pitch == 6);
  CHECK(total.onset_pitch_duration == 4);
}
