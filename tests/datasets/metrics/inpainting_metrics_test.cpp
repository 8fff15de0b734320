#include "datasets/metrics/inpainting_metrics.hpp"

#include <utility>
#include <vector>

#include "tests/catch.hpp"
#include "tests/datasets/bars_of_tokens.hpp"

using namespace musicvae;
using namespace musicvae::datasets;
using namespace musicvae::datasets::testing;

namespace {

constexpr PitchTokens kPitches{2, 88};

/// Bars of four steps; onset and pitch of each note.
Passage passage_of(const std::vector<std::vector<std::pair<int, int>>>& bars) {
  Passage passage{Grid{1}, {}};
  for (const auto& notes : bars) {
    passage.bars.push_back({{4, 4}, Steps(4), {}});
    for (const auto& [onset, pitch] : notes) {
      GridNote note;
      note.onset = Steps(onset);
      note.duration = Steps(1);
      note.pitch = static_cast<std::uint8_t>(pitch);
      passage.bars.back().notes.push_back(note);
    }
  }
  return passage;
}

}  // namespace

TEST_CASE("Rows are scored in all, on pitches, on holds and rests, and by rhythm class",
          "[datasets][inpainting]") {
  const auto truth = bars_of({{41, 0, 43, 1}, {45, 0, 0, 0}});
  const auto fill = bars_of({{41, 0, 44, 0}, {1, 50, 0, 0}});
  const RowScore score = score_rows(truth, fill, kPitches);
  CHECK(score.rows == 8);
  CHECK(score.correct == 4);
  CHECK(score.accuracy() == 0.5);
  CHECK(score.pitches == 3);
  CHECK(score.correct_pitches == 1);
  CHECK(*score.pitch_accuracy() == Approx(1.0 / 3));
  CHECK(score.others == 5);
  CHECK(score.correct_others == 3);
  CHECK(*score.rhythm_accuracy() == Approx(0.6));
  CHECK(score.correct_classes == 5);  // Those that are right, and 44 for 43.
  CHECK(*score.rhythm_class_accuracy() == Approx(0.625));
}

TEST_CASE("A row that a fill lacks is wrong, one that it has beyond the true ones is not counted",
          "[datasets][inpainting]") {
  const RowScore score =
      score_rows(bars_of({{41, 0, 0}, {41}}), bars_of({{41}, {41, 5, 5}}), kPitches);
  CHECK(score.rows == 4);
  CHECK(score.correct == 2);
  CHECK(score.correct_classes == 2);
  CHECK(score_rows(bars_of({{41, 0}}), {}, kPitches).correct == 0);
}

TEST_CASE("Where there is no row of a kind there is no share of it", "[datasets][inpainting]") {
  const RowScore rests = score_rows(bars_of({{1, 0}}), bars_of({{1, 0}}), kPitches);
  CHECK_FALSE(rests.pitch_accuracy());
  CHECK(rests.rhythm_accuracy() == 1.0);
  CHECK_FALSE(RowScore{}.accuracy());
}

TEST_CASE("Rows of bits are right as a whole or not at all", "[datasets][inpainting]") {
  const std::vector<BarRows> truth{{{4, 4}, Steps(2), 2, {0, 1, 1, 1}}};
  const std::vector<BarRows> fill{{{4, 4}, Steps(2), 2, {0, 1, 0, 1}}};
  const RowScore score = score_rows(truth, fill, {});
  CHECK(score.rows == 2);
  CHECK(score.correct == 1);
  CHECK_FALSE(score.pitch_accuracy());
  CHECK_FALSE(score.rhythm_class_accuracy());
}

TEST_CASE("The distance of rows is the share that differs", "[datasets][inpainting]") {
  CHECK(row_distance(bars_of({{1, 2}, {3, 4}}), bars_of({{1, 2}, {3, 5}})) == 0.25);
  CHECK(row_distance(bars_of({{1, 2, 3, 4}}), bars_of({{1, 2}})) == 0.5);
  CHECK(row_distance({}, {}) == 0);
}

TEST_CASE("A gap repeats where all its bars stand among the known, and is new where none does",
          "[datasets][inpainting]") {
  const std::vector<int> missing{1, 2};
  const auto repeated = [&](const std::vector<std::vector<std::uint16_t>>& tokens) {
    return repeated_bars(bars_of(tokens), missing);
  };
  CHECK(repeated({{9}, {7}, {8}, {7}, {8}}) == std::vector{true, true});
  CHECK(repeated({{9}, {7}, {8}, {7}, {6}}) == std::vector{true, false});
  CHECK(repeated({{9}, {7}, {7}, {5}, {6}}) == std::vector{false, false});
  CHECK(gap_kind({true, true}) == GapKind::kRepeating);
  CHECK(gap_kind({true, false}) == GapKind::kMixed);
  CHECK(gap_kind({false, false}) == GapKind::kNew);
}

TEST_CASE("Grooves are alike in the share of steps that both or neither begin notes on",
          "[datasets][inpainting]") {
  const Passage half_notes = passage_of({{{0, 60}, {2, 60}}, {{0, 60}}});
  CHECK(groove_similarity(half_notes, passage_of({{{0, 71}, {2, 72}, {2, 40}}, {{0, 1}}})) == 1);
  // One step of four differs in the first bar, two in the second.
  CHECK(groove_similarity(half_notes, passage_of({{{0, 60}}, {{1, 60}}})) == Approx(0.625));
}

TEST_CASE("Intervals are those between the highest notes of successive onsets",
          "[datasets][inpainting]") {
  CHECK(interval_range(passage_of({{{0, 60}, {0, 64}, {2, 67}}, {{0, 62}, {3, 64}}})) ==
        IntervalRange{-5, 3});
  CHECK_FALSE(interval_range(passage_of({{{0, 60}, {0, 64}}})));
}

TEST_CASE("A fill leads on where its last step is within the range", "[datasets][inpainting]") {
  const Passage next = passage_of({{{1, 60}, {1, 65}, {2, 90}}});
  CHECK(leads_on(passage_of({{{0, 90}}, {{3, 67}}}), next, {-2, 4}) == true);
  CHECK(leads_on(passage_of({{{0, 90}}, {{3, 68}}}), next, {-2, 4}) == false);
  CHECK(leads_on(passage_of({{}}), next, {-2, 4}) == false);
  CHECK_FALSE(leads_on(passage_of({{{3, 67}}}), passage_of({{}}), {-2, 4}));
}
