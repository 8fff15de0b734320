#include "src/live/latent_instrument.hpp"

#include "src/base/error.hpp"
#include "tests/catch.hpp"
#include "tests/src/small_model.hpp"

using namespace musicvae;

namespace {

datasets::Passage piece(const MusicModel& model, int bars, int pitch) {
  auto music = make_layout(*model.codec, {4, 4}, bars);
  for (auto& bar : music.bars) {
    bar.notes = {{datasets::Steps(0), datasets::Steps(8), static_cast<std::uint8_t>(pitch)}};
  }
  return music;
}

}  // namespace

TEST_CASE("Bars that are asked for one by one are those of a passage", "[src][live]") {
  const auto model = test::small_model();
  const LatentInstrument instrument(model, piece(model, 4, 50), piece(model, 2, 80), {4, 4}, 5);
  Controls controls;
  controls.position = 0.3;
  controls.temperature = 1;
  const std::vector<datasets::Passage> layouts = {make_layout(*model.codec, {4, 4}, 2)};
  const auto passage = generate(model, instrument.z(1, controls), layouts, {1.0, 6}).front();
  CHECK((instrument.bar(2, controls) == datasets::slice(passage, 0, 1)));
  CHECK((instrument.bar(3, controls) == datasets::slice(passage, 1, 1)));
}

TEST_CASE("The position goes from one piece to the other, passage by passage", "[src][live]") {
  const auto model = test::small_model();
  const auto a = piece(model, 4, 50), b = piece(model, 2, 80);
  const LatentInstrument instrument(model, a, b, {4, 4}, 5);
  const auto z_a_BZ = encode_means(model, split_passages(a, 2));
  const auto z_b_BZ = encode_means(model, split_passages(b, 2));
  Controls controls;
  CHECK(torch::equal(instrument.z(1, controls), z_a_BZ.narrow(0, 1, 1)));
  CHECK(torch::equal(instrument.z(2, controls), z_a_BZ.narrow(0, 0, 1)));
  controls.position = 1;
  CHECK(torch::equal(instrument.z(1, controls), z_b_BZ));
}

TEST_CASE("Dimensions and attributes shift z, and what is not there is refused", "[src][live]") {
  const auto model = test::small_model();
  const AttributeExamples examples{{piece(model, 2, 80)}, {piece(model, 2, 50)}};
  const auto vector_1Z = attribute_vector(model, examples);
  const LatentInstrument instrument(model, piece(model, 2, 50), piece(model, 2, 50), {4, 4}, 5,
                                    {vector_1Z});
  const auto start_1Z = instrument.z(0, {});
  Controls controls;
  controls.dimensions = {{3, 1.5}};
  const auto shift_1Z = instrument.z(0, controls) - start_1Z;
  CHECK(shift_1Z[0][3].item<double>() == Approx(1.5));
  CHECK(shift_1Z.abs().sum().item<double>() == Approx(1.5));

  controls = {};
  controls.attributes = {{0, 1.0}};
  CHECK(torch::allclose(instrument.z(0, controls),
                        encode_means(model, std::vector{piece(model, 2, 80)})));

  controls.dimensions = {{99, 0.0}};
  CHECK_THROWS_AS(instrument.z(0, controls), Error);
}
