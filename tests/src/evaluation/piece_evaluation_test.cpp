#include "src/evaluation/piece_evaluation.hpp"

#include <vector>

#include "src/base/error.hpp"
#include "tests/catch.hpp"
#include "tests/datasets/made_music.hpp"
#include "tests/src/small_model.hpp"

using namespace musicvae;
using datasets::Passage;
using datasets::Steps;

TEST_CASE("Whole pieces are compared with what is decoded from their means at temperature 0",
          "[src][evaluation]") {
  const MusicVae model(test::small_model());
  const std::vector<Passage> pieces{datasets::made::passage(1, 5), datasets::made::passage(2, 3)};
  std::vector<datasets::NoteCounts> counts;
  for (const Passage& piece : pieces) {
    const auto music = model.decode(model.encode(piece), piece, {0.0});
    counts.push_back(datasets::count_matches(piece, music));
  }
  const auto json = to_json(evaluate_pieces(model, pieces));
  CHECK(json["pieces"] == 2);
  CHECK(json["bars"] == 8);
  CHECK(json["note_f1_onset_pitch"].get<double>() ==
        Approx((onset_pitch_score(counts[0]).f1 + onset_pitch_score(counts[1]).f1) / 2));
  CHECK(json["notes_per_bar"].get<double>() ==
        Approx(double(counts[0].reference + counts[1].reference) / 8));
  CHECK(json["reconstructed_notes_per_bar"].get<double>() ==
        Approx(double(counts[0].estimated + counts[1].estimated) / 8));
  counts[0] += counts[1];
  CHECK(json["pooled_note_f1_onset_pitch"].get<double>() ==
        Approx(onset_pitch_score(counts[0]).f1));
  CHECK(json["pooled_note_f1_duration"].get<double>() ==
        Approx(onset_pitch_duration_score(counts[0]).f1));
}

TEST_CASE("Notes that the codec cannot say are missed", "[src][evaluation]") {
  const MusicVae model(test::small_model(test::small_options("melody")));
  Passage chords = make_layout(model.codec(), {4, 4}, 2);
  for (auto& bar : chords.bars) {
    bar.notes = {{Steps(0), Steps(4), 60}, {Steps(0), Steps(4), 64}, {Steps(0), Steps(4), 67}};
  }
  const auto evaluation = evaluate_pieces(model, std::vector{chords});
  CHECK(evaluation.notes.reference == 6);
  CHECK(datasets::dropped_notes(evaluation.dropped) == 4);
}

TEST_CASE("A piece without a key can neither keep nor lose it", "[src][evaluation]") {
  const MusicVae model(test::small_model());
  const auto silence = make_layout(model.codec(), {4, 4}, 2);
  const auto evaluation = evaluate_pieces(model, std::vector{silence});
  CHECK_FALSE(evaluation.key_kept.value());
  CHECK(to_json(evaluation)["key_kept"].is_null());
}

TEST_CASE("An evaluation of pieces stops when it is asked to", "[src][evaluation]") {
  const MusicVae model(test::small_model());
  const std::vector<Passage> pieces(3, datasets::made::passage(1, 2));
  int calls = 0;
  const auto stop = [&](double share) { return ++calls, share < 0.5; };
  CHECK_THROWS_AS(evaluate_pieces(model, pieces, stop), Interrupted);
  CHECK(calls == 2);
}
