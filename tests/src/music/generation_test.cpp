#include "src/music/generation.hpp"

#include "src/base/error.hpp"
#include "tests/catch.hpp"
#include "tests/src/small_model.hpp"

using namespace musicvae;

TEST_CASE("Passages cut from a piece join to the same piece", "[src][generation]") {
  const auto codec = datasets::make_codec("notes", {4});
  auto music = make_layout(*codec, {3, 4}, 7);
  music.bars[6].notes.push_back({datasets::Steps(2), datasets::Steps(3), 64});
  const auto passages = split_passages(music, 4);
  REQUIRE(passages.size() == 2);
  CHECK(passages[1].bars.size() == 3);
  CHECK((join_passages(passages) == music));
}

TEST_CASE("Same seed, same music; another seed, other music", "[src][generation]") {
  for (const char* name : {"notes", "melody", "pianoroll"}) {
    const auto model = test::small_model(test::small_options(name));
    const std::vector<datasets::Passage> layouts(3, make_layout(*model.codec, {6, 8}, 2));
    const auto z = sample_prior(model, 3, 5);
    CHECK(torch::equal(z, sample_prior(model, 3, 5)));
    CHECK_FALSE(torch::equal(z, sample_prior(model, 3, 6)));
    const auto first = generate(model, z, layouts, {1.0, 7});
    CHECK((first == generate(model, z, layouts, {1.0, 7})));
    CHECK_FALSE((first == generate(model, z, layouts, {1.0, 8})));
  }
}

TEST_CASE("Generated music fills exactly the bars it was asked for", "[src][generation]") {
  const auto model = test::small_model();
  auto layout = make_layout(*model.codec, {3, 8}, 1);
  layout.bars.push_back(make_layout(*model.codec, {12, 8}, 1).bars[0]);
  const std::vector<datasets::Passage> layouts = {layout, make_layout(*model.codec, {4, 4}, 1)};
  const auto music = generate(model, sample_prior(model, 2, 1), layouts, {1.0, 1});
  REQUIRE(music.size() == 2);
  CHECK((layout_of(music[0]) == layout));
  CHECK(music[1].bars.size() == 1);
  for (const auto& passage : music) {
    for (const auto& bar : passage.bars) {
      for (const auto& note : bar.notes) CHECK(note.onset < bar.length);
    }
  }
}

TEST_CASE("A meter that is off the model's grid is refused with advice", "[src][generation]") {
  const auto codec = datasets::make_codec("melody", {4});
  CHECK_THROWS_AS(make_layout(*codec, {5, 32}, 1), Error);
}
