#include "src/music/palette/attributes.hpp"

#include <cmath>
#include <fstream>

#include "datasets/metrics/note_metrics.hpp"
#include "tests/catch.hpp"
#include "tests/src/small_model.hpp"
#include "tests/temporary_folder.hpp"

using namespace musicvae;
using Catch::Contains;
using datasets::Passage;

namespace {

const MusicVae& box() {
  static const MusicVae model;
  return model;
}

const AttributeSet& shipped() {
  static const AttributeSet set =
      AttributeSet::read(attributes_beside(find_model(kDefaultModel)), box());
  return set;
}

Passage bundled(const std::string& name) {
  const auto music = load_source("datasets/bundled/" + name + ".mid", box().codec()).piece.music;
  return repeat_or_cut(music, 8);
}

/// How far each attribute moved, in standard deviations.
std::vector<double> moves(const Passage& before, const Passage& after) {
  std::vector<double> moved;
  const auto& measures = datasets::attribute_measures();
  for (std::size_t k = 0; k < measures.size(); ++k) {
    const auto a = datasets::mean_measure(measures[k], before, 1);
    const auto b = datasets::mean_measure(measures[k], after, 1);
    moved.push_back(a && b ? (*b - *a) / shipped().all()[k].deviation : 0);
  }
  return moved;
}

/// Music whose bars differ in all attributes.
std::vector<Passage> varied_music(const MusicVae& model) {
  std::vector<Passage> pieces;
  std::mt19937 random(1);
  const auto draw = [&](int low, int high) {
    return low + int(random() % unsigned(high - low + 1));
  };
  for (int piece = 0; piece < 20; ++piece) {
    Passage music = make_layout(model.codec(), {4, 4}, 4);
    for (auto& bar : music.bars) {
      int pitch = draw(48, 72);
      for (int onset = draw(0, 3); onset < 16; onset += draw(1, 4)) {
        bar.notes.push_back({datasets::Steps(onset), datasets::Steps(draw(1, 4)),
                             std::uint8_t(pitch = std::clamp(pitch + draw(-4, 4), 40, 80))});
      }
    }
    pieces.push_back(std::move(music));
  }
  return pieces;
}

AttributeSet learned(const MusicVae& model, VectorKind kind) {
  AttributeLearner learner(model);
  for (const auto& piece : varied_music(model)) learner.add(piece);
  return learner.learn(kind);
}

}  // namespace

TEST_CASE("Attributes of the model in the box are at hand, and small",
          "[src][attributes][bundled]") {
  CHECK(shipped().all().size() == datasets::attribute_measures().size());
  CHECK(std::filesystem::file_size(attributes_beside(find_model(kDefaultModel))) < 100'000);
}

TEST_CASE(
    "An attribute moves its measure by half a standard deviation, and others by a third of that at "
    "most",
    "[src][attributes][bundled]") {
  const std::vector<std::string> names = {"irish-washerwoman", "petzold-minuet-anh114",
                                          "bwv996-bourree", "greensleeves"};
  const std::size_t own = shipped().index("density");
  for (const double amount : {1.0, -1.0}) {
    INFO(amount);
    std::vector<double> mean(shipped().all().size());
    for (const auto& name : names) {
      const Passage piece = bundled(name);
      const auto moved = moves(piece, Steering(box(), shipped(), {{"density", amount}})(piece));
      for (std::size_t k = 0; k < mean.size(); ++k) mean[k] += moved[k] / double(names.size());
    }
    CHECK(mean[own] * amount > 0.5);
    for (std::size_t k = 0; k < mean.size(); ++k) {
      INFO(shipped().all()[k].name);
      if (k != own) CHECK(std::abs(mean[k]) < std::abs(mean[own]) / 3);
    }
  }
}

TEST_CASE("Notes outside the scale go where more of it is asked for",
          "[src][attributes][bundled]") {
  Passage piece = bundled("ode-to-joy");
  for (std::size_t bar = 0; bar < 8; bar += 2) piece.bars[bar].notes.front().pitch += 1;
  const std::size_t own = shipped().index("diatonic");
  const auto moved = moves(piece, Steering(box(), shipped(), {{"diatonic", 1}})(piece));
  CHECK(moved[own] > 0.5);
}

TEST_CASE("Only the bars that are named are steered", "[src][attributes][bundled]") {
  const Passage piece = bundled("petzold-minuet-anh114");
  const auto steered = Steering(box(), shipped(), {{"density", 1}})(piece, {2, 3});
  for (std::size_t bar = 0; bar < piece.bars.size(); ++bar) {
    INFO(bar);
    const bool named = bar == 2 || bar == 3;
    CHECK((steered.bars[bar] == piece.bars[bar]) == !named);
  }
}

TEST_CASE("A bar that is made live is steered by itself", "[src][attributes][bundled]") {
  const Passage piece = bundled("greensleeves");
  const BarSteering steer(box(), shipped(), piece);
  const Passage bar = datasets::slice(piece, 1, 1);
  std::vector<double> wanted(shipped().all().size());
  const auto notes = [&](double amount) {
    wanted[shipped().index("density")] = amount;
    return note_count(steer(bar, wanted));
  };
  CHECK(notes(1.5) > note_count(bar));
  CHECK(notes(1.5) > notes(0));
}

TEST_CASE("A label leads to the pieces that have it", "[src][attributes][bundled]") {
  AttributeLearner learner(box(), {"high"});
  const auto in_register = [](Passage music, int semitones) {
    for (auto& bar : music.bars) {
      for (auto& note : bar.notes) note.pitch = std::uint8_t(note.pitch + semitones);
    }
    return music;
  };
  for (const char* name : {"irish-washerwoman", "greensleeves", "ode-to-joy", "folia",
                           "petzold-minuet-anh114", "bwv996-bourree"}) {
    learner.add(in_register(bundled(name), 8), {true});
    learner.add(in_register(bundled(name), -8), {false});
  }
  const auto set = learner.learn(VectorKind::kQuartiles);
  REQUIRE(set.all().size() == datasets::attribute_measures().size() + 1);
  const Passage piece = bundled("beethoven-fur-elise");
  const auto pitch = [&](double amount) {
    const auto music = Steering(box(), set, {{"high", amount}})(piece);
    return *datasets::mean_measure(datasets::attribute_measures()[set.index("pitch")], music, 1);
  };
  CHECK(pitch(1.5) > pitch(-1.5) + 3);
}

TEST_CASE("Labels are written and read, and those that are none are refused",
          "[src][attributes][errors]") {
  const test::TemporaryFolder folder;
  const MusicVae model(test::small_model());
  AttributeLearner learner(model, {"odd"});
  bool odd = false;
  for (const auto& piece : varied_music(model)) learner.add(piece, {odd = !odd});
  for (const auto kind : {VectorKind::kQuartiles, VectorKind::kIndependent}) {
    const auto set = learner.learn(kind);
    set.write(folder / "a.json");
    const auto& label = AttributeSet::read(folder / "a.json", model).all().back();
    CHECK(label.name == "odd");
    CHECK(label.deviation == Approx(set.all().back().deviation));
  }
  CHECK_THROWS_AS(AttributeLearner(model, {"density"}), Error);
  CHECK_THROWS_AS(AttributeLearner(model, {"a", "a"}), Error);
  CHECK_THROWS_AS(AttributeLearner(model, {"a=b"}), Error);
  AttributeLearner all(model, {"every"});
  for (const auto& piece : varied_music(model)) all.add(piece, {true});
  CHECK_THROWS_WITH(all.learn(VectorKind::kQuartiles), Contains("all of the music is labelled"));
}

TEST_CASE("Nothing asked for leaves the notes nearly as they are", "[src][attributes][bundled]") {
  const Passage piece = bundled("petzold-minuet-anh114");
  const auto same = Steering(box(), shipped(), {})(piece);
  CHECK(datasets::onset_pitch_score(datasets::count_matches(piece, same)).f1 > 0.95);
}

TEST_CASE("Attributes that are written are read again, for their own model alone",
          "[src][attributes]") {
  const test::TemporaryFolder folder;
  const auto file = folder / "a.json";
  const MusicVae model(test::small_model());
  for (const auto kind : {VectorKind::kQuartiles, VectorKind::kIndependent}) {
    const auto set = learned(model, kind);
    set.write(file);
    const auto again = AttributeSet::read(file, model);
    REQUIRE(again.all().size() == set.all().size());
    for (std::size_t k = 0; k < set.all().size(); ++k) {
      CHECK(again.all()[k].deviation == Approx(set.all()[k].deviation));
      CHECK(again.all()[k].vector[3] == Approx(set.all()[k].vector[3]).margin(1e-4));
    }
  }
  auto options = test::small_options();
  options.seed = 99;
  CHECK_THROWS_WITH(AttributeSet::read(file, MusicVae(test::small_model(options))),
                    Contains("another model"));
  options.model.latent = 4;
  CHECK_THROWS_WITH(AttributeSet::read(file, MusicVae(test::small_model(options))),
                    Contains("another model"));
}

TEST_CASE("Files that hold no attributes are refused in words", "[src][attributes][errors]") {
  const test::TemporaryFolder folder;
  const auto file = folder / "a.json";
  const MusicVae model(test::small_model());
  for (const char* text :
       {"", "{", "[]", "1", R"({"format": "x"})", R"({"format": 3})",
        R"({"format": "musicvae attributes"})",
        R"({"format": "musicvae attributes", "version": 1})",
        R"({"format": "musicvae attributes", "version": 1, "probe": 1, "attributes": []})",
        R"({"format": "musicvae attributes", "version": 1, "probe": [0,0,0,0,0,0,0,0],
            "attributes": {}})",
        R"({"format": "musicvae attributes", "version": 1, "probe": [0,0,0,0,0,0,0,0],
            "attributes": [1,2,3,4,5,6,7,8,9]})"}) {
    INFO(text);
    std::ofstream(file) << text;
    CHECK_THROWS_WITH(AttributeSet::read(file, model), Contains("a.json"));
  }
  CHECK_THROWS_AS(AttributeSet::read(folder / "none.json", model), Error);
}

TEST_CASE("An attribute that there is not is named, with a guess", "[src][attributes][errors]") {
  CHECK_THROWS_WITH(Steering(box(), shipped(), {{"densty", 1}}), Contains("density"));
}

TEST_CASE("Too little music, or all of a kind, gives no attributes", "[src][attributes][errors]") {
  const MusicVae model(test::small_model());
  AttributeLearner learner(model);
  CHECK_THROWS_WITH(learner.learn(VectorKind::kQuartiles), Contains("at least"));
  Passage same = make_layout(model.codec(), {4, 4}, 200);
  for (auto& bar : same.bars) {
    bar.notes = {{datasets::Steps(0), datasets::Steps(4), 60},
                 {datasets::Steps(4), datasets::Steps(4), 62}};
  }
  learner.add(same);
  CHECK_THROWS_WITH(learner.learn(VectorKind::kQuartiles), Contains("same"));
}

TEST_CASE("The vector of what differs points from what has less to what has more",
          "[src][attributes]") {
  const MusicVae model(test::small_model(test::small_conductor_options()));
  const auto set = learned(model, VectorKind::kQuartiles);
  const auto& density = set.all()[set.index("density")];
  // Projections of bars on the vector rise with their density.
  double more = 0, less = 0;
  for (const auto& piece : varied_music(model)) {
    const auto latents = model.encode(piece);
    for (std::size_t bar = 0; bar < latents.size(); ++bar) {
      double projection = 0;
      for (std::size_t i = 0; i < latents[bar].size(); ++i) {
        projection += double(latents[bar][i]) * double(density.vector[i]);
      }
      const bool dense = double(piece.bars[bar].notes.size()) / 4 > density.mean;
      (dense ? more : less) += projection;
    }
  }
  CHECK(more > less);
}
