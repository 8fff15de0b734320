#include <algorithm>
#include <array>
#include <filesystem>

#include "datasets/metrics/note_metrics.hpp"
#include "src/music/musicvae.hpp"
#include "src/music/palette/palette.hpp"
#include "tests/catch.hpp"

using namespace musicvae;

namespace {

/// A sample in 4/4. A model that fills gaps gives the third and fourth bar of a jig instead.
datasets::Passage made_by(const MusicVae& model) {
  if (model.can_inpaint()) {
    const auto jig = load_source("datasets/bundled/irish-washerwoman.mid", model.codec());
    auto filled = model.inpaint(jig.piece.music, {2, 3}).front();
    filled.bars = {filled.bars[2], filled.bars[3]};
    return filled;
  }
  return model.sample(1, make_layout(model.codec(), {4, 4}, model.bars())).front();
}

datasets::Passage start_of(const MusicVae& model, const std::string& name) {
  const auto whole = load_source("datasets/bundled/" + name, model.codec()).piece.music;
  return datasets::slice(whole, 0, 16);
}

double notes(const datasets::Passage& music) {
  std::size_t count = 0;
  for (const auto& bar : music.bars) count += bar.notes.size();
  return static_cast<double>(count);
}

}  // namespace

TEST_CASE("On the way between two pieces the music gets neither thin nor crowded",
          "[src][model][bundled]") {
  const MusicVae model("models/bundled/lute-folk.safetensors", "cpu");
  const auto a = start_of(model, "petzold-minuet-anh114.mid");
  const auto b = start_of(model, "bwv996-bourree.mid");
  for (const auto& step : model.interpolate(a, b, {.steps = 7})) {
    INFO("at " << step.t);
    const double expected = (1 - step.t) * notes(a) + step.t * notes(b);
    CHECK(notes(step.music) > 0.9 * expected);
    CHECK(notes(step.music) < 1.2 * expected);
  }
}

TEST_CASE("Equal steps of the way change about equally many notes", "[src][model][bundled]") {
  const MusicVae model("models/bundled/lute-folk.safetensors", "cpu");
  const auto a = start_of(model, "bwv996-bourree.mid");
  const auto b = start_of(model, "bwv1007-prelude.mid");
  double before = 1;
  for (const auto& step : model.interpolate(a, b, {.steps = 7})) {
    if (step.t == 0) continue;
    INFO("at " << step.t);
    const double here = datasets::onset_pitch_score(datasets::count_matches(a, step.music)).f1;
    CHECK(before - here > 0.04);
    CHECK(before - here < 0.3);
    before = here;
  }
}

TEST_CASE("No place on a palette is thin or crowded", "[src][model][bundled]") {
  const MusicVae model("models/bundled/lute-folk.safetensors", "cpu");
  const std::array pieces{start_of(model, "petzold-minuet-anh114.mid"),
                          start_of(model, "folia.mid"), start_of(model, "ode-to-joy.mid"),
                          start_of(model, "bwv996-bourree.mid")};
  const Palette palette(model, pieces);
  for (const PalettePoint place : {PalettePoint{0.5, 0}, {0, 0.5}, {0.25, 0.25}, {1, 0.5}}) {
    INFO(place.x << ", " << place.y);
    const auto weights = corner_weights(place);
    double expected = 0;
    for (std::size_t i = 0; i < kCorners; ++i) expected += weights[i] * notes(pieces[i]);
    const double found = notes(palette.at(place, {.temperature = 0}).music);
    CHECK(found > 0.85 * expected);
    CHECK(found < 1.2 * expected);
  }
}

TEST_CASE("Every model in the box loads and makes music", "[src][model][bundled]") {
  int models = 0;
  for (const auto& entry : std::filesystem::directory_iterator("models/bundled")) {
    if (entry.path().extension() != ".safetensors") continue;
    INFO(entry.path());
    const auto music = made_by(MusicVae(entry.path().string(), "cpu"));
    CHECK(std::any_of(music.bars.begin(), music.bars.end(),
                      [](const auto& bar) { return !bar.notes.empty(); }));
    ++models;
  }
  CHECK(models >= 2);
}
