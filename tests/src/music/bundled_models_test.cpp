#include <algorithm>
#include <filesystem>

#include "src/music/musicvae.hpp"
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

}  // namespace

TEST_CASE("On the way between two pieces the music gets neither thin nor crowded",
          "[src][model][bundled]") {
  const MusicVae model("models/bundled/lute-folk.safetensors", "cpu");
  const auto notes = [](const datasets::Passage& music) {
    std::size_t count = 0;
    for (const auto& bar : music.bars) count += bar.notes.size();
    return static_cast<double>(count);
  };
  const auto piece = [&](const std::string& name) {
    const auto whole = load_source("datasets/bundled/" + name, model.codec()).piece.music;
    return datasets::slice(whole, 0, 16);
  };
  const auto a = piece("petzold-minuet-anh114.mid"), b = piece("bwv996-bourree.mid");
  for (const auto& step : model.interpolate(a, b, {.steps = 7})) {
    INFO("at " << step.t);
    const double expected = (1 - step.t) * notes(a) + step.t * notes(b);
    CHECK(notes(step.music) > 0.9 * expected);
    CHECK(notes(step.music) < 1.2 * expected);
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
