#include "src/evaluation/interpolation_evaluation.hpp"

#include <algorithm>
#include <set>
#include <vector>

#include "src/base/error.hpp"
#include "tests/catch.hpp"
#include "tests/datasets/made_music.hpp"
#include "tests/src/small_model.hpp"

using namespace musicvae;
using datasets::Passage;
using datasets::Steps;

namespace {

/// A bar of 4/4 with a note on each pitch, four steps apart.
Passage quarters(const std::vector<int>& pitches) {
  datasets::Bar bar{{4, 4}, Steps(16), {}};
  for (const int pitch : pitches) {
    bar.notes.push_back({Steps(4 * int(bar.notes.size())), Steps(4), std::uint8_t(pitch)});
  }
  return {{4}, {bar}};
}

/// The scores of one way whose steps are evenly spread.
nlohmann::ordered_json scores_of(const Passage& a, const Passage& b,
                                 const std::vector<Passage>& music) {
  std::vector<InterpolationStep> steps;
  for (const Passage& step : music) {
    steps.push_back({double(steps.size()) / double(music.size() - 1), step});
  }
  InterpolationScores scores;
  scores.add(a, b, steps);
  return to_json(scores);
}

const Passage kA = quarters({60, 62, 64, 65}), kB = quarters({72, 74, 76, 77});

}  // namespace

TEST_CASE("A way that swaps note for note scores in full", "[src][evaluation]") {
  const auto scores = scores_of(
      kA, kB,
      {kA, quarters({72, 62, 64, 65}), quarters({72, 74, 64, 65}), quarters({72, 74, 76, 65}), kB});
  CHECK(scores["pairs"] == 1);
  for (const char* key : {"first_step_f1", "last_step_f1", "rank_correlation", "middle_scale_share",
                          "end_scale_share", "thinnest_step"}) {
    INFO(key);
    CHECK(scores[key].get<double>() == Approx(1));
  }
}

TEST_CASE("A way that goes back, thins out and leaves the key shows it", "[src][evaluation]") {
  // From three sharps that share no scale with the ends' white keys, backwards to A.
  const auto scores = scores_of(kA, kB, {kB, quarters({61, 63}), kA});
  CHECK(scores["first_step_f1"] == 0.0);
  CHECK(scores["last_step_f1"] == 0.0);
  CHECK(scores["rank_correlation"].get<double>() < 0);
  CHECK(scores["thinnest_step"].get<double>() == Approx(0.5));
  const auto off_key = scores_of(kA, kB, {kA, quarters({60, 61, 62, 63}), kB});
  CHECK(off_key["middle_scale_share"].get<double>() == Approx(0.75));
  CHECK(off_key["end_scale_share"].get<double>() == Approx(1));
}

TEST_CASE("Steps that are all as far from A have no order", "[src][evaluation]") {
  CHECK(scores_of(kA, kB, {kB, kB, kB})["rank_correlation"] == 0.0);
}

TEST_CASE("The thinnest step is measured by a line between the ends' notes a bar",
          "[src][evaluation]") {
  const auto scores = scores_of(quarters({60}), quarters({60, 62, 64}),
                                {quarters({60}), quarters({60}), quarters({60, 62, 64})});
  CHECK(scores["thinnest_step"].get<double>() == Approx(0.5));
}

TEST_CASE("Pairs differ, have two pieces, and depend on the seed alone", "[src][evaluation]") {
  for (std::size_t pieces = 0; pieces < 8; ++pieces) {
    const std::size_t all = pieces < 2 ? 0 : pieces * (pieces - 1) / 2;
    const auto pairs = draw_pairs(pieces, 10, 3);
    CHECK(pairs.size() == std::min<std::size_t>(10, all));
    std::set<std::pair<std::size_t, std::size_t>> different;
    for (const auto& [a, b] : pairs) {
      CHECK(a != b);
      CHECK((a < pieces && b < pieces));
      different.insert(std::minmax(a, b));
    }
    CHECK(different.size() == pairs.size());
    CHECK((pairs == draw_pairs(pieces, 10, 3)));
  }
  CHECK((draw_pairs(50, 10, 3) != draw_pairs(50, 10, 4)));
}

TEST_CASE("Pairs whose meters differ are told apart", "[src][evaluation]") {
  const MusicVae model(test::small_model());
  std::vector<Passage> pieces;
  for (const midi::Meter meter : {midi::Meter{4, 4}, midi::Meter{4, 4}, midi::Meter{3, 4}}) {
    pieces.push_back(make_layout(model.codec(), meter, 3));
    pieces.back().bars[0].notes.push_back({Steps(0), Steps(4), 60});
  }
  pieces.push_back(make_layout(model.codec(), {4, 4}, 3));  // Silent, and therefore not drawn.
  const auto evaluation = evaluate_interpolation(model, pieces, {10, 2, 3, 1});
  CHECK(evaluation.same_meters.pairs == 1);
  CHECK(evaluation.different_meters.pairs == 2);
}

TEST_CASE("An interpolation takes two pieces that sound", "[src][evaluation]") {
  const MusicVae model(test::small_model());
  const std::vector<Passage> silent(3, make_layout(model.codec(), {4, 4}, 2));
  CHECK_THROWS_AS(evaluate_interpolation(model, silent, {}), Error);
}

TEST_CASE("An evaluation of interpolations stops when it is asked to", "[src][evaluation]") {
  const MusicVae model(test::small_model());
  const std::vector<Passage> pieces{datasets::made::passage(1, 2), datasets::made::passage(2, 2)};
  CHECK_THROWS_AS(evaluate_interpolation(model, pieces, {}, [](double) { return false; }),
                  Interrupted);
}
