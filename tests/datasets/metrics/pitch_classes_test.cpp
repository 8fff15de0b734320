#include "datasets/metrics/pitch_classes.hpp"

#include <cmath>
#include <vector>

#include "tests/catch.hpp"
#include "tests/datasets/made_music.hpp"
#include "tests/datasets/random_music.hpp"

using namespace musicvae;
using namespace musicvae::datasets;
using namespace musicvae::datasets::testing;

namespace {

/// One bar in which a note begins on each step.
Passage line(const std::vector<int>& pitches) {
  Bar bar{{4, 4}, Steps(16), {}};
  for (const int pitch : pitches) {
    bar.notes.push_back({Steps(int(bar.notes.size())), Steps(1), std::uint8_t(pitch)});
  }
  return {Grid{4}, {bar}};
}

}  // namespace

TEST_CASE("Pitch classes differ by half the L1 distance of their shares",
          "[datasets][pitch_classes]") {
  const Passage c_and_g = line({60, 67});
  const auto distance = [&](const Passage& a, const Passage& b) {
    return pitch_class_distance(a, b, NoteWeight::kOnset);
  };
  CHECK(distance(c_and_g, line({79, 48, 72, 55})) == 0);
  CHECK(distance(c_and_g, line({60, 62})) == Approx(0.5));
  CHECK(distance(c_and_g, line({61})) == Approx(1));
  CHECK(distance(c_and_g, line({})) == 1);
  CHECK(distance(line({}), line({})) == 0);
}

TEST_CASE("A note counts once by its onset, or as long as it sounds", "[datasets][pitch_classes]") {
  Passage passage = line({60, 67});
  passage.bars[0].notes[1].duration = Steps(3);
  CHECK(pitch_class_shares(passage, NoteWeight::kOnset)[7] == Approx(0.5));
  CHECK(pitch_class_shares(passage, NoteWeight::kDuration)[7] == Approx(0.75));
  CHECK(pitch_class_distance(passage, line({60, 67}), NoteWeight::kDuration) == Approx(0.25));
}

TEST_CASE("Drums have no pitch class", "[datasets][pitch_classes]") {
  Passage drums = line({36, 38});
  for (GridNote& note : drums.bars[0].notes) note.drum = true;
  CHECK_FALSE(pitch_class_entropy(drums));
  CHECK_FALSE(best_scale_share(drums));
}

TEST_CASE("Entropy goes from 0 for one pitch class to log2(12) for all alike",
          "[datasets][pitch_classes]") {
  CHECK(pitch_class_entropy(line({60, 72, 48})) == 0.0);
  CHECK(*pitch_class_entropy(line({60, 67})) == Approx(1));
  CHECK(*pitch_class_entropy(line({60, 61, 62, 63, 64, 65, 66, 67, 68, 69, 70, 71})) ==
        Approx(std::log2(12)));
  CHECK_FALSE(pitch_class_entropy(line({})));
  Rng rng(3);
  for (int round = 0; round < 50; ++round) {
    const auto bits = pitch_class_entropy(random_passage(rng, Grid{4}, 4));
    if (bits) CHECK((*bits >= 0 && *bits <= std::log2(12) + 1e-9));
  }
}

TEST_CASE("A major scale on any tonic lies in one scale, and so does its relative minor",
          "[datasets][pitch_classes]") {
  for (int tonic = 48; tonic < 60; ++tonic) {
    std::vector<int> scale;
    for (const int degree : {0, 2, 4, 5, 7, 9, 11}) scale.push_back(tonic + degree);
    CHECK(*best_scale_share(line(scale)) == Approx(1));
    CHECK(*best_scale_share(line({scale[5], scale[0], scale[2]})) == Approx(1));
    scale.push_back(tonic + 6);  // Lies in no major scale together with the fourth and the seventh.
    CHECK(*best_scale_share(line(scale)) == Approx(7. / 8));
  }
  CHECK_FALSE(best_scale_share(line({})));
}

TEST_CASE("Transposing changes neither entropy nor the share of the best scale",
          "[datasets][pitch_classes][property]") {
  for (unsigned seed = 0; seed < 30; ++seed) {
    const Passage music = made::passage(seed, 6);
    const Passage moved = made::transposed(music, int(seed % 12) + 1);
    CHECK(*pitch_class_entropy(moved) == Approx(*pitch_class_entropy(music)));
    CHECK(*best_scale_share(moved) == Approx(*best_scale_share(music)));
  }
}
