#include "src/training/inpainting_evaluation.hpp"

#include <cmath>

#include "datasets/corpus/writer.hpp"
#include "src/base/error.hpp"
#include "tests/catch.hpp"
#include "tests/src/small_model.hpp"
#include "tests/temporary_folder.hpp"

using namespace musicvae;
using datasets::Steps;

namespace {

/// A melody in quarter notes. `pitches` has the first pitch of each bar; the bar's other notes rise
/// from it by semitones.
datasets::Passage tune(const std::vector<int>& pitches) {
  datasets::Passage passage{{4}, {}};
  for (const int pitch : pitches) {
    datasets::Bar bar{{4, 4}, Steps(16), {}};
    for (int i = 0; i < 4; ++i) {
      datasets::GridNote note;
      note.onset = Steps(4 * i);
      note.duration = Steps(4);
      note.pitch = static_cast<std::uint8_t>(pitch + i);
      bar.notes.push_back(note);
    }
    passage.bars.push_back(bar);
  }
  return passage;
}

/// Pieces of four bars; the second bar is to be missing.
datasets::Corpus corpus_of(const std::filesystem::path& folder,
                           const std::vector<std::vector<int>>& pieces) {
  datasets::CorpusWriter writer(folder);
  std::vector<datasets::CorpusWriter::Kept> kept;
  for (const auto& pitches : pieces) {
    kept.push_back({writer.add(tune(pitches)), "piece", datasets::Split::kTrain});
  }
  datasets::Spool file(folder);
  writer.finish(kept, {"melody", {4}, 16}, file);
  return datasets::Corpus::open(file);
}

MusicModel inpainter(const std::string& family = "masked") {
  auto options = test::small_options("melody");
  options.model.family = family;
  options.model.bars = 4;
  return test::small_model(options);
}

class Fixture {
 public:
  explicit Fixture(const std::vector<std::vector<int>>& pieces)
      : corpus_(corpus_of(folder_.path(), pieces)),
        windows_(datasets::uniform_windows(corpus_, datasets::Split::kTrain, 4, {4, 4})) {}

  InpaintingEvaluation evaluate(const MusicModel& model, int candidates = 1) const {
    InpaintingEvaluationOptions options;
    options.gap = {1, 1, 2};
    options.candidates = candidates;
    options.batch_size = 2;
    return evaluate_inpainting(model, corpus_, windows_, options);
  }

 private:
  test::TemporaryFolder folder_;
  datasets::Corpus corpus_;
  std::vector<datasets::Window> windows_;
};

const FillEvaluation& named(const InpaintingEvaluation& evaluation, const std::string& name) {
  for (const auto& fill : evaluation.fills) {
    if (fill.fill == name) return fill;
  }
  throw Error("no fill is called " + name);
}

}  // namespace

TEST_CASE("A gap's bars stand between past and future", "[inpainting]") {
  CHECK(GapLayout{}.missing_bars() == std::vector<int>{6, 7, 8, 9});
  CHECK(GapLayout{}.bars() == 16);
}

TEST_CASE("Copies are scored as they are, by kind of gap", "[inpainting]") {
  // The first gap is like the bar before it. The bar in the second gap stands nowhere else.
  const Fixture fixture({{60, 60, 64, 66}, {60, 70, 64, 66}});
  const auto evaluation = fixture.evaluate(inpainter());
  CHECK(evaluation.passages == 2);
  const auto copy = named(evaluation, "copy_bar_before");
  CHECK(copy.all.passages == 2);
  CHECK(copy.by_kind[0].passages == 1);
  CHECK(copy.by_kind[0].accuracy.value() == 1.0);
  CHECK(copy.by_kind[0].note_f1() == 1.0);
  CHECK(copy.by_kind[2].passages == 1);
  CHECK(copy.by_kind[2].accuracy.value() == 0.75);  // Four of sixteen rows are notes.
  CHECK(copy.by_kind[2].pitch_accuracy.value() == 0.0);
  CHECK(copy.by_kind[2].rhythm_accuracy.value() == 1.0);
  CHECK(copy.by_kind[2].note_f1() == 0.0);
  CHECK(copy.by_kind[2].groove_similarity.value() == 1.0);
  CHECK(copy.all.accuracy.value() == 0.875);
  CHECK(copy.all.new_bars.rows == 16);
  CHECK(copy.all.new_bars.accuracy() == 0.75);
  CHECK_FALSE(copy.all.loss.value());
  // Pitch 63 to 64 is a step up of one, which both pieces have.
  CHECK(copy.all.leads_on.value() == 1.0);
}

TEST_CASE("A fresh model's loss is near that of chance, and its samples differ by seed",
          "[inpainting]") {
  const Fixture fixture({{60, 60, 64, 66}, {60, 70, 64, 66}, {50, 51, 52, 53}});
  const auto evaluation = fixture.evaluate(inpainter(), 3);
  const auto forced = named(evaluation, "teacher_forced");
  CHECK(*forced.all.loss.value() == Approx(std::log(90.0)).epsilon(0.1));
  CHECK(*evaluation.distance_between_seeds.value() > 0.5);
  CHECK(forced.all.leads_on.value());  // What follows a gap is left as it was.
  CHECK(named(evaluation, "greedy").all.passages == 3);
  CHECK(named(evaluation, "sampled").all.passages == 3);
  CHECK(named(evaluation, "best_of_3").all.passages == 3);
}

TEST_CASE("The same seed evaluates the same", "[inpainting]") {
  const Fixture fixture({{60, 60, 64, 66}, {60, 70, 64, 66}, {50, 51, 52, 53}});
  const auto model = inpainter();
  CHECK(to_json(fixture.evaluate(model)) == to_json(fixture.evaluate(model)));
}

TEST_CASE("Futures are compared where there is another piece", "[inpainting]") {
  const auto model = inpainter();
  const Fixture one_piece({{60, 60, 64, 66, 60, 70, 64, 66}});
  CHECK(one_piece.evaluate(model).passages == 2);
  CHECK_FALSE(one_piece.evaluate(model).distance_between_futures.value());
  const auto two = Fixture({{60, 60, 64, 66}, {50, 51, 52, 53}}).evaluate(model);
  CHECK(two.distance_between_futures.value());
}

TEST_CASE("Figures that are not there are null", "[inpainting]") {
  const auto json = to_json(Fixture({{60, 60, 64, 66}}).evaluate(inpainter()));
  CHECK(json.at("passages") == 1);
  CHECK(json.at("distance_between_futures").is_null());
  CHECK(json.at("fills").at("copy_best_match").at("all").at("loss").is_null());
  CHECK(json.at("fills").at("teacher_forced").at("all").at("loss").is_number());
  CHECK(json.at("fills").at("greedy").at("new").at("passages") == 0);
  CHECK(json.at("fills").at("greedy").at("new").at("accuracy").is_null());
}

TEST_CASE("Models that cannot fill such gaps are refused", "[inpainting][hostile]") {
  const Fixture fixture({{60, 60, 64, 66}});
  CHECK_THROWS_AS(fixture.evaluate(inpainter("hierarchical")), Error);
  CHECK_THROWS_AS(fixture.evaluate(test::small_model(test::small_options("melody"))), Error);
}
