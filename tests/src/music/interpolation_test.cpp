#include "src/music/interpolation.hpp"

#include <torch/utils.h>

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
  torch::manual_seed(1);
  const auto a = torch::randn({5, 16});
  const auto b = torch::randn({5, 16});
  CHECK(torch::allclose(slerp(a, b, 0), a, 1e-5, 1e-6));
  CHECK(torch::allclose(slerp(a, b, 1), b, 1e-5, 1e-6));
  const auto angle = [](const torch::Tensor& x, const torch::Tensor& y) {
    return ((x * y).sum(1) / (x.norm(2, 1) * y.norm(2, 1))).clamp(-1, 1).acos();
  };
  const auto third = slerp(a, b, 1.0 / 3);
  CHECK(torch::allclose(angle(a, third) * 3, angle(a, b), 1e-3, 1e-4));
  const auto length = third.norm(2, 1);
  CHECK(torch::allclose(length, a.norm(2, 1) * 2 / 3 + b.norm(2, 1) / 3, 1e-4, 1e-5));
}

TEST_CASE("Slerp between parallel vectors and from zero is finite and linear",
          "[src][interpolation]") {
  const auto a = torch::ones({1, 4});
  CHECK(torch::allclose(slerp(a, 3 * a, 0.5), 2 * a));
  CHECK(torch::allclose(slerp(torch::zeros({1, 4}), a, 0.5), 0.5 * a));
}

TEST_CASE("Interpolation takes A's meters in the first half and B's in the second",
          "[src][interpolation]") {
  const auto model = test::small_model();
  InterpolationOptions options;
  options.steps = 4;
  const auto steps = interpolate(model, scale(*model.codec, {3, 4}, 2, 60),
                                 scale(*model.codec, {4, 4}, 2, 70), options);
  REQUIRE(steps.size() == 4);
  CHECK(steps[1].music.bars[0].meter == midi::Meter{3, 4});
  CHECK(steps[2].music.bars[0].meter == midi::Meter{4, 4});
  CHECK(steps[0].t == 0);
  CHECK(steps[3].t == 1);
}

TEST_CASE("The shorter piece is repeated, or the longer one cut", "[src][interpolation]") {
  const auto model = test::small_model();
  const auto a = scale(*model.codec, {4, 4}, 2, 50);
  const auto b = scale(*model.codec, {4, 4}, 5, 40);
  InterpolationOptions options;
  options.steps = 2;
  const auto repeated = interpolate(model, a, b, options);
  CHECK(repeated[0].music.bars.size() == 6);  // A's two bars three times
  CHECK(repeated[1].music.bars.size() == 5);
  options.length_rule = LengthRule::kCut;
  const auto cut = interpolate(model, a, b, options);
  CHECK(cut[0].music.bars.size() == 2);
  CHECK(cut[1].music.bars.size() == 2);
}

TEST_CASE("The ends of an interpolation are the endpoints' own reconstructions",
          "[src][interpolation]") {
  const auto model = test::small_model();
  const auto a = scale(*model.codec, {4, 4}, 2, 50);
  const auto b = scale(*model.codec, {4, 4}, 2, 70);
  InterpolationOptions options;
  options.steps = 3;
  options.generation.temperature = 0;
  const auto steps = interpolate(model, a, b, options);
  const std::vector<datasets::Passage> endpoint = {a};
  const auto z = encode_means(model, endpoint);
  const std::vector<datasets::Passage> layout = {layout_of(a)};
  CHECK((steps[0].music == generate(model, z, layout, options.generation)[0]));
}
