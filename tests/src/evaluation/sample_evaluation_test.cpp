#include "src/evaluation/sample_evaluation.hpp"

#include <cmath>
#include <vector>

#include "src/base/error.hpp"
#include "tests/catch.hpp"
#include "tests/datasets/made_music.hpp"
#include "tests/src/small_model.hpp"

using namespace musicvae;
using datasets::Passage;
using datasets::Steps;

namespace {

/// Bars of 4/4 with one note each.
Passage notes(const std::vector<int>& pitches) {
  Passage passage{{4}, {}};
  for (const int pitch : pitches) {
    passage.bars.push_back({{4, 4}, Steps(16), {{Steps(0), Steps(4), std::uint8_t(pitch)}}});
  }
  return passage;
}

}  // namespace

TEST_CASE("Bars taken from the data are copies, and others are not", "[src][evaluation]") {
  const std::vector<Passage> data{notes({60, 62, 64, 65}), notes({60, 71, 72, 74})};
  const std::vector<Passage> samples{notes({65, 60}), notes({40, 41})};
  const auto evaluation = evaluate_samples(samples, data);
  CHECK(*evaluation.samples.copied_bars.value() == Approx(0.5));
  CHECK(*evaluation.samples.distance_to_nearest_bar.value() == Approx(0.5));
  // The first bar of each piece stands in the other, too.
  CHECK(*evaluation.data.copied_bars.value() == Approx(0.25));
}

TEST_CASE("One piece has no other to compare its bars with", "[src][evaluation]") {
  const std::vector<Passage> data{notes({60, 62})};
  const auto json = to_json(evaluate_samples(data, data).data);
  CHECK(json["passages"] == 1);
  CHECK(json["copied_bars"].is_null());
}

TEST_CASE("Samples and data are measured by the same figures", "[src][evaluation]") {
  const std::vector<Passage> music{datasets::made::passage(3, 8), datasets::made::passage(4, 8)};
  const auto evaluation = evaluate_samples(music, music);
  const auto samples = to_json(evaluation.samples), data = to_json(evaluation.data);
  for (const char* key : {"passages", "pitch_class_entropy", "best_scale_share", "notes_per_bar",
                          "repeated_bars", "silent_bars"}) {
    INFO(key);
    CHECK(samples[key] == data[key]);
  }
  CHECK(samples["copied_bars"] == 1.0);
}

TEST_CASE("Samples are compared with music in their meter", "[src][evaluation]") {
  auto waltz = notes({60, 62});
  for (auto& bar : waltz.bars) {
    bar.meter = {3, 4};
    bar.length = Steps(12);
  }
  const std::vector<Passage> data{notes({60, 62}), waltz};
  CHECK(evaluate_samples(std::vector<Passage>{notes({72, 74})}, data).data.passages == 1);
  CHECK((passages_like(waltz, waltz) == std::vector<Passage>{waltz}));
}

TEST_CASE("Passages of the data are whole bars in a row", "[src][evaluation]") {
  Passage piece = notes({60, 61, 62, 63, 64, 65, 66});
  piece.bars[0].length = Steps(4);  // An upbeat.
  piece.bars[5].length = Steps(8);
  const auto passages = whole_bar_passages(piece, 2);
  REQUIRE(passages.size() == 2);
  CHECK((passages[0] == datasets::slice(piece, 1, 2)));
  CHECK((passages[1] == datasets::slice(piece, 3, 2)));
}

TEST_CASE("The first sixteen samples are those that the model gives for the seed",
          "[src][evaluation]") {
  const MusicVae model(test::small_model());
  const auto layout = make_layout(model.codec(), {3, 4}, 3);
  const GenerationOptions options{0.9, 7};
  const auto samples = sample_pieces(model, 18, layout, options);
  REQUIRE(samples.size() == 18);
  const auto first = model.sample(16, layout, options);
  CHECK((std::vector(samples.begin(), samples.begin() + 16) == first));
  CHECK_THROWS_AS(sample_pieces(model, 1, layout, options, [](double) { return false; }),
                  Interrupted);
}
