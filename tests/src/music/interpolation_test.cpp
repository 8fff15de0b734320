#include <cmath>

#include "src/music/musicvae.hpp"
#include "tests/catch.hpp"
#include "tests/src/small_model.hpp"

using namespace musicvae;

namespace {

datasets::Passage scale(const datasets::Codec& codec, midi::Meter meter, int bars,
                        int first_pitch) {
  auto passage = make_layout(codec, meter, bars);
  int pitch = first_pitch;
  for (auto& bar : passage.bars) {
    for (int step = 0; step < bar.length.count; step += 4) {
      bar.notes.push_back({datasets::Steps(step), datasets::Steps(4), std::uint8_t(pitch++)});
    }
  }
  return passage;
}

}  // namespace

TEST_CASE("Slerp gives its endpoints at 0 and 1 and turns evenly between", "[src][interpolation]") {
  const Latent a = {2, 0, 0}, b = {0, 0, 4};
  CHECK(slerp(a, b, 0) == a);
  CHECK(slerp(a, b, 1) == b);
  const Latent third =
      slerp(a, b, 1.0 / 3);  // At 30 of 90 degrees, a third of the way from 2 to 4.
  CHECK(third[0] == Approx(8.0 / 3 * std::sqrt(3.0) / 2));
  CHECK(third[1] == 0);
  CHECK(third[2] == Approx(8.0 / 3 / 2));
}

TEST_CASE("Slerp between parallel vectors and from zero is finite and linear",
          "[src][interpolation]") {
  const Latent a = {1, 1, 1, 1};
  CHECK(slerp(a, {3, 3, 3, 3}, 0.5) == Latent{2, 2, 2, 2});
  CHECK(slerp({0, 0, 0, 0}, a, 0.5) == Latent{0.5, 0.5, 0.5, 0.5});
}

TEST_CASE("Interpolation takes A's meters in the first half and B's in the second",
          "[src][interpolation]") {
  const MusicVae model(test::small_model());
  InterpolationOptions options;
  options.steps = 4;
  const auto steps = model.interpolate(scale(model.codec(), {3, 4}, 2, 60),
                                       scale(model.codec(), {4, 4}, 2, 70), options);
  REQUIRE(steps.size() == 4);
  CHECK(steps[1].music.bars[0].meter == midi::Meter{3, 4});
  CHECK(steps[2].music.bars[0].meter == midi::Meter{4, 4});
  CHECK(steps[0].t == 0);
  CHECK(steps[3].t == 1);
}

TEST_CASE("Steps are given from the first on, until no more are wanted", "[src][interpolation]") {
  const MusicVae model(test::small_model());
  InterpolationOptions options;
  options.steps = 100;
  const auto a = scale(model.codec(), {4, 4}, 4, 60), b = scale(model.codec(), {4, 4}, 4, 70);
  std::vector<InterpolationStep> given;
  model.interpolate(a, b, options, nullptr, [&](InterpolationStep step) {
    given.push_back(std::move(step));
    return given.size() < 7;
  });
  REQUIRE(given.size() == 7);
  const auto all = model.interpolate(a, b, options);
  REQUIRE(all.size() == 100);
  for (std::size_t i = 0; i < given.size(); ++i) {
    CHECK(given[i].t == all[i].t);
    CHECK((given[i].music == all[i].music));
  }
}

TEST_CASE("Batches of pieces have seeds of their own, the first that of the whole",
          "[src][musicvae]") {
  const GenerationOptions options{.temperature = 1, .seed = 5, .latent_temperature = 1};
  CHECK(for_batch(options, 0).seed == 5);
  CHECK(for_batch(options, 16).seed != for_batch(options, 32).seed);
  CHECK(for_batch(options, 16).seed != 5);
}

TEST_CASE("The shorter piece is repeated, or the longer one cut", "[src][interpolation]") {
  const MusicVae model(test::small_model());
  const auto a = scale(model.codec(), {4, 4}, 2, 50);
  const auto b = scale(model.codec(), {4, 4}, 5, 40);
  InterpolationOptions options;
  options.steps = 2;
  const auto repeated = model.interpolate(a, b, options);
  CHECK(repeated[0].music.bars.size() == 6);  // A's two bars are repeated three times.
  CHECK(repeated[1].music.bars.size() == 5);
  options.length_rule = LengthRule::kCut;
  const auto cut = model.interpolate(a, b, options);
  CHECK(cut[0].music.bars.size() == 2);
  CHECK(cut[1].music.bars.size() == 2);
}

TEST_CASE("The ends of an interpolation are the endpoints' own reconstructions",
          "[src][interpolation]") {
  const MusicVae model(test::small_model());
  const auto a = scale(model.codec(), {4, 4}, 2, 50);
  const auto b = scale(model.codec(), {4, 4}, 2, 70);
  InterpolationOptions options;
  options.steps = 3;
  options.generation.temperature = 0;
  const auto steps = model.interpolate(a, b, options);
  CHECK((steps[0].music == model.decode(model.encode(a), layout_of(a), options.generation)));
}

TEST_CASE("Where bars have latents, the shorter piece is repeated bar by bar",
          "[src][interpolation][conductor]") {
  const MusicVae model(test::small_model(test::small_conductor_options()));
  const auto a = scale(model.codec(), {4, 4}, 2, 50);
  const auto b = scale(model.codec(), {3, 4}, 5, 40);
  InterpolationOptions options;
  options.steps = 2;
  const auto steps = model.interpolate(a, b, options);
  CHECK(steps[0].music.bars.size() == 5);
  CHECK((layout_of(steps[1].music) == layout_of(b)));
  CHECK((steps[1].music == model.decode(model.encode(b), b, options.generation)));
}
