#include "src/music/palette/tuning.hpp"

#include <fstream>

#include "datasets/metrics/nearest_bar.hpp"
#include "datasets/metrics/note_metrics.hpp"
#include "models/files/safetensors.hpp"
#include "src/music/music_model.hpp"
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

std::vector<Passage> jigs() {
  return {load_source("datasets/bundled/irish-washerwoman.mid", box().codec()).piece.music};
}

/// Mean distance of bars to the nearest of the pieces.
double distance(const std::vector<Passage>& music, const std::vector<Passage>& pieces) {
  const datasets::BarIndex index(pieces);
  double sum = 0;
  int bars = 0;
  for (const Passage& piece : music) {
    for (const auto& bar : piece.bars) {
      const auto away = index.distance(bar);
      if (!away) continue;
      sum += *away;
      ++bars;
    }
  }
  REQUIRE(bars > 0);
  return sum / bars;
}

Passage tune_of(const MusicVae& model) {
  auto piece = make_layout(model.codec(), {4, 4}, 6);
  int pitch = 60;
  for (auto& bar : piece.bars)
    bar.notes = {{datasets::Steps(0), datasets::Steps(4), std::uint8_t(pitch++)}};
  return piece;
}

TuningOptions short_training() {
  TuningOptions options;
  options.steps = 3;
  return options;
}

}  // namespace

TEST_CASE("Samples of a tuned model are nearer to its pieces than its base's",
          "[src][tuning][bundled]") {
  TuningOptions options;
  options.steps = 200;
  const MusicVae tuned = tune(box(), jigs(), options);
  CHECK(tuned.latent_size() == 4);
  CHECK(tuned.commonest_meter() == midi::Meter{6, 8});
  const auto layout = make_layout(box().codec(), {6, 8}, 8);
  const auto own = box().sample(4, layout, box().sampling_options());
  const auto nearer = tuned.sample(4, layout, tuned.sampling_options());
  CHECK(distance(nearer, jigs()) < distance(own, jigs()) - 0.1);
}

TEST_CASE("A tuned model is written without its base, and read again", "[src][tuning]") {
  const test::TemporaryFolder folder;
  for (const bool bars : {true, false}) {
    const auto options = bars ? test::small_conductor_options() : test::small_options();
    const auto base_file = folder / "base.safetensors", file = folder / "mine";
    save_model(test::small_model(options), base_file);
    const MusicVae base(base_file.string(), "cpu");
    const std::vector<Passage> pieces = {tune_of(base)};
    const MusicVae tuned = tune(base, pieces, short_training());
    save_tuned(tuned, base_file.string(), file);
    const MusicVae again(file.string(), "cpu");
    CHECK(again.has_bar_latents() == bars);
    const auto a = tuned.encode(pieces[0]), b = again.encode(pieces[0]);
    REQUIRE(a.size() == b.size());
    for (std::size_t i = 0; i < a[0].size(); ++i) {
      CHECK(a[0][i] == Approx(b[0][i]).margin(0.01));  // The file has half precision.
    }
    const auto layout = make_layout(base.codec(), {3, 4}, 5);
    CHECK((layout_of(again.sample(2, layout, {1, 7})[1]) == layout));
    std::filesystem::remove(base_file);
    CHECK_THROWS_WITH(MusicVae(file.string(), "cpu"), Contains("stands on the model"));
  }
}

TEST_CASE("Same seed, same tuned model", "[src][tuning]") {
  const MusicVae base(test::small_model(test::small_conductor_options()));
  const std::vector<Passage> pieces = {tune_of(base)};
  const auto latents = [&](std::uint64_t seed) {
    auto options = short_training();
    options.seed = seed;
    return tune(base, pieces, options).encode(pieces[0]);
  };
  CHECK(latents(1) == latents(1));
  CHECK_FALSE(latents(1) == latents(2));
}

TEST_CASE("A tuned model goes on from known latents", "[src][tuning][conductor]") {
  const MusicVae base(test::small_model(test::small_conductor_options()));
  const std::vector<Passage> pieces = {tune_of(base)};
  const MusicVae tuned = tune(base, pieces, short_training());
  const auto layout = make_layout(base.codec(), {4, 4}, 5);
  const auto known = tuned.draw_latents(make_layout(base.codec(), {4, 4}, 2), {1.0, 3});
  const auto latents = tuned.draw_latents(layout, {1.0, 5}, known);
  REQUIRE(latents.size() == 5);
  CHECK(latents[0] == known[0]);
  CHECK(latents[1] == known[1]);
}

TEST_CASE("What cannot be tuned is refused in words", "[src][tuning][errors]") {
  const test::TemporaryFolder folder;
  const MusicVae base(test::small_model(test::small_conductor_options()));
  const std::vector<Passage> silence = {make_layout(base.codec(), {4, 4}, 3)};
  CHECK_THROWS_WITH(tune(base, silence), Contains("no notes"));
  const std::vector<Passage> pieces = {tune_of(base)};
  const MusicVae tuned = tune(base, pieces, short_training());
  CHECK_THROWS_WITH(tune(tuned, pieces), Contains("tuned already"));
  CHECK_THROWS_WITH(save_model(tuned.model(), folder / "x"), Contains("tuned"));
}

TEST_CASE("Tuned models that are broken or name each other are refused", "[src][tuning][errors]") {
  const test::TemporaryFolder folder;
  const auto base_file = folder / "base.safetensors", file = folder / "mine";
  save_model(test::small_model(test::small_conductor_options()), base_file);
  const MusicVae base(base_file.string(), "cpu");
  const std::vector<Passage> pieces = {tune_of(base)};
  save_tuned(tune(base, pieces, short_training()), base_file.string(), file);
  const auto good = models::read_safetensors(file);
  const auto refused = [&](const models::TensorFile& bad, const char* why) {
    models::write_safetensors(bad, folder / "bad");
    CHECK_THROWS_WITH(MusicVae((folder / "bad").string(), "cpu"), Contains(why));
  };
  auto bad = good;
  bad.metadata["base"] = (folder / "bad").string();
  refused(bad, "is tuned itself");
  bad = good;
  bad.tensors.erase("pieces");
  refused(bad, "no whole tuned model");
  bad = good;
  bad.tensors["mu.bias"] = torch::zeros({3});
  refused(bad, "bad");
  bad = good;
  bad.tensors["pieces"] = torch::zeros({2, 3});
  refused(bad, "bad");
  bad = good;
  bad.metadata.erase("training");
  refused(bad, "training");
}
