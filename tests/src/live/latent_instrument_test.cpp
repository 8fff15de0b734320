#include "src/live/latent_instrument.hpp"

#include "src/base/error.hpp"
#include "src/music/latent_way.hpp"
#include "tests/catch.hpp"
#include "tests/src/small_model.hpp"

using namespace musicvae;

namespace {

datasets::Passage piece(const MusicVae& model, int bars, int pitch) {
  auto music = make_layout(model.codec(), {4, 4}, bars);
  for (auto& bar : music.bars) {
    bar.notes = {{datasets::Steps(0), datasets::Steps(8), static_cast<std::uint8_t>(pitch)}};
  }
  return music;
}

}  // namespace

TEST_CASE("Bars that are asked for one by one are those of a passage", "[src][live]") {
  const MusicVae model(test::small_model());
  const LatentInstrument instrument(model, piece(model, 4, 50), piece(model, 2, 80), {4, 4}, 5);
  Controls controls;
  controls.position = 0.3;
  controls.temperature = 1;
  const auto layout = make_layout(model.codec(), {4, 4}, 2);
  const auto passage = model.decode({instrument.latent(1, controls)}, layout, {1.0, 6});
  CHECK((instrument.bar(2, controls) == datasets::slice(passage, 0, 1)));
  CHECK((instrument.bar(3, controls) == datasets::slice(passage, 1, 1)));
}

TEST_CASE("The position goes from one piece to the other, passage by passage", "[src][live]") {
  const MusicVae model(test::small_model());
  const auto a = piece(model, 4, 50), b = piece(model, 2, 80);
  const LatentInstrument instrument(model, a, b, {4, 4}, 5);
  const auto latents_a = model.encode(a), latents_b = model.encode(b);
  Controls controls;
  CHECK(instrument.latent(1, controls) == latents_a[1]);
  CHECK(instrument.latent(2, controls) == latents_a[0]);
  controls.position = 1;
  CHECK(instrument.latent(1, controls) == latents_b[0]);
}

TEST_CASE("Where bars have latents the position turns as evenly as an interpolation",
          "[src][live]") {
  const MusicVae model(test::small_model(test::small_conductor_options()));
  const auto a = piece(model, 4, 50), b = piece(model, 2, 80);
  const LatentInstrument instrument(model, a, b, {4, 4}, 5);
  Controls controls;
  controls.position = 0.1;
  CHECK(instrument.latent(1, controls) ==
        slerp(model.encode(a)[1], model.encode(b)[1], even_pace(model, 0.1)));
}

TEST_CASE("Dimensions and vectors shift z, and what is not there is refused", "[src][live]") {
  const MusicVae model(test::small_model());
  const AttributeExamples examples{{piece(model, 2, 80)}, {piece(model, 2, 50)}};
  const LatentInstrument instrument(model, piece(model, 2, 50), piece(model, 2, 50), {4, 4}, 5,
                                    {attribute_vector(model, examples)});
  auto shifted = instrument.latent(0, {});
  shifted[3] += 1.5F;
  Controls controls;
  controls.dimensions = {{3, 1.5}};
  CHECK(instrument.latent(0, controls) == shifted);

  controls = {};
  controls.vectors = {{0, 1.0}};
  const auto moved = instrument.latent(0, controls), more = model.encode(piece(model, 2, 80))[0];
  for (std::size_t i = 0; i < more.size(); ++i) CHECK(moved[i] == Approx(more[i]).margin(1e-6));

  controls.dimensions = {{99, 0.0}};
  CHECK_THROWS_AS(instrument.latent(0, controls), Error);
}

TEST_CASE("Bars are steered as passages, wherever controls steer", "[src][live]") {
  const MusicVae model(test::small_model());
  LatentInstrument instrument(model, piece(model, 4, 50), piece(model, 2, 80), {4, 4}, 5);
  std::size_t bars = 0;
  instrument.steer_by([&](const datasets::Passage& music, const Controls& controls) {
    bars = music.bars.size();
    auto steered = layout_of(music);
    for (std::size_t i = 0; i < bars; ++i) {
      steered.bars[i].notes = {{datasets::Steps(0), datasets::Steps(1), std::uint8_t(60 + i)}};
    }
    CHECK(controls.attributes.at(2) == 1);
    return steered;
  });
  Controls controls;
  instrument.bar(1, controls);
  CHECK(bars == 0);
  controls.attributes = {{2, 1.0}};
  CHECK(instrument.bar(3, controls).bars.at(0).notes.at(0).pitch == 61);
  CHECK(bars == 2);
}
