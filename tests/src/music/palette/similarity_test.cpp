#include "src/music/palette/similarity.hpp"

#include "tests/catch.hpp"
#include "tests/src/small_model.hpp"

using namespace musicvae;
using datasets::Passage;

namespace {

const MusicVae& box() {
  static const MusicVae model;
  return model;
}

Passage bundled(const std::string& name) {
  return load_source("datasets/bundled/" + name + ".mid", box().codec()).piece.music;
}

Passage moved(Passage music, int semitones) {
  for (auto& bar : music.bars) {
    for (auto& note : bar.notes) note.pitch = std::uint8_t(note.pitch + semitones);
  }
  return music;
}

}  // namespace

TEST_CASE("A piece is most like itself, and then like a part of itself",
          "[src][similarity][bundled]") {
  SimilaritySearch search(box(), bundled("greensleeves"));
  for (const char* name : {"folia", "greensleeves", "ode-to-joy", "irish-washerwoman"}) {
    search.add(name, bundled(name));
  }
  search.add("half", datasets::slice(bundled("greensleeves"), 0, 8));
  REQUIRE(search.pieces().size() == 5);
  CHECK(search.pieces()[0].name == "greensleeves");
  CHECK(search.pieces()[0].similarity == Approx(1).margin(1e-3));
  CHECK(search.pieces()[1].name == "half");
  CHECK(search.pieces()[2].similarity < 0.8);
}

TEST_CASE("A bar is found where it stands in another piece", "[src][similarity][bundled]") {
  const auto tune = bundled("irish-washerwoman");
  SimilarityOptions options;
  options.bars = 2;
  SimilaritySearch search(box(), datasets::slice(tune, 5, 1), options);
  auto other = bundled("folia");
  other.bars.insert(other.bars.begin() + 7, tune.bars[5]);
  search.add("folia with a bar of the jig", other);
  search.add("ode to joy", bundled("ode-to-joy"));
  REQUIRE(search.places().size() == 2);
  CHECK(search.places()[0].name == "folia with a bar of the jig");
  CHECK(search.places()[0].bar == 7);
  CHECK(search.places()[0].own == 0);
  CHECK(search.places()[0].similarity > 0.99);
}

TEST_CASE("In any key, a piece that was moved is found, with its semitones",
          "[src][similarity][bundled]") {
  const auto piece = bundled("petzold-minuet-anh114");
  for (const bool any_key : {false, true}) {
    SimilarityOptions options;
    options.any_key = any_key;
    SimilaritySearch search(box(), piece, options);
    search.add("moved", moved(piece, 3));
    search.add("folia", bundled("folia"));
    INFO(any_key);
    CHECK((search.pieces()[0].similarity > 0.99) == any_key);
    if (any_key) CHECK(search.pieces()[0].semitones == 3);
  }
}

TEST_CASE("Only as many are kept as are asked for, and silence is like nothing",
          "[src][similarity]") {
  const MusicVae model(test::small_model());
  auto piece = make_layout(model.codec(), {4, 4}, 2);
  const auto silence = piece;
  piece.bars[0].notes = {{datasets::Steps(0), datasets::Steps(4), 60}};
  SimilarityOptions options;
  options.pieces = 2;
  options.bars = 0;
  SimilaritySearch search(model, piece, options);
  for (const char* name : {"a", "b", "c"}) search.add(name, piece);
  CHECK(search.pieces().size() == 2);
  CHECK(search.places().empty());
  search.add("silence", silence);
  CHECK(search.pieces()[0].name == "a");
  CHECK_THROWS_AS(SimilaritySearch(model, silence), Error);
}
