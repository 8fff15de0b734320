#include "src/music/musicvae.hpp"

#include "tests/catch.hpp"
#include "tests/src/small_model.hpp"

using namespace musicvae;
using datasets::Passage;

TEST_CASE("Same seed, same music; another seed, other music", "[src][musicvae]") {
  for (const char* name : {"notes", "melody", "pianoroll"}) {
    const MusicVae model(test::small_model(test::small_options(name)));
    const auto layout = make_layout(model.codec(), {6, 8}, 5);
    const auto latents = model.draw_latents(layout, {1.0, 5});
    CHECK(latents == model.draw_latents(layout, {1.0, 5}));
    CHECK_FALSE(latents == model.draw_latents(layout, {1.0, 6}));
    CHECK_FALSE(latents == model.draw_latents(layout, {0.5, 5}));
    const auto first = model.decode(latents, layout, {1.0, 7});
    CHECK((first == model.decode(latents, layout, {1.0, 7})));
    CHECK_FALSE((first == model.decode(latents, layout, {1.0, 8})));
  }
}

TEST_CASE("Generated music fills exactly the bars it was asked for", "[src][musicvae]") {
  const MusicVae model(test::small_model());
  auto layout = make_layout(model.codec(), {3, 8}, 2);
  layout.bars.push_back(make_layout(model.codec(), {12, 8}, 1).bars[0]);
  const auto pieces = model.sample(2, layout, {1.0, 1});
  REQUIRE(pieces.size() == 2);
  CHECK_FALSE((pieces[0] == pieces[1]));
  for (const Passage& piece : pieces) {
    CHECK((layout_of(piece) == layout));
    for (const auto& bar : piece.bars) {
      for (const auto& note : bar.notes) CHECK(note.onset < bar.length);
    }
  }
}

TEST_CASE("Music has a latent for each of its passages, and takes as many back",
          "[src][musicvae]") {
  const MusicVae model(test::small_model());
  const auto layout = make_layout(model.codec(), {4, 4}, 5);
  auto latents = model.encode(layout);
  REQUIRE(latents.size() == 3);
  CHECK(latents[0].size() == static_cast<std::size_t>(model.latent_size()));
  CHECK(model.decode(latents, layout).bars.size() == 5);
  latents.pop_back();
  CHECK_THROWS_AS(model.decode(latents, layout), Error);
  latents.push_back({1.F, 2.F});
  CHECK_THROWS_AS(model.decode(latents, layout), Error);
}

TEST_CASE("Where bars have latents, music of any length has one for each of its bars",
          "[src][musicvae][conductor]") {
  for (const char* codec : {"pianoroll", "melody"}) {
    const MusicVae model(test::small_model(test::small_conductor_options(codec)));
    CHECK(model.has_bar_latents());
    CHECK(model.bars_a_latent() == 1);
    for (const int bars : {1, 2, 7}) {
      const auto layout = make_layout(model.codec(), {3, 4}, bars);
      const auto latents = model.encode(layout);
      CHECK(latents.size() == static_cast<std::size_t>(bars));
      CHECK((layout_of(model.decode(latents, layout)) == layout));
      const auto pieces = model.sample(3, layout, {1.0, 4});
      REQUIRE(pieces.size() == 3);
      CHECK((layout_of(pieces[2]) == layout));
      CHECK((model.sample(3, layout, {1.0, 4})[2] == pieces[2]));
    }
  }
}

TEST_CASE("A piece goes on from known latents where bars have latents, and not elsewhere",
          "[src][musicvae][conductor]") {
  const MusicVae model(test::small_model(test::small_conductor_options()));
  const auto layout = make_layout(model.codec(), {4, 4}, 5);
  const auto known = model.draw_latents(make_layout(model.codec(), {4, 4}, 2), {1.0, 3});
  const auto latents = model.draw_latents(layout, {1.0, 5}, known);
  REQUIRE(latents.size() == 5);
  for (std::size_t bar = 0; bar < known.size(); ++bar) {
    for (std::size_t i = 0; i < known[bar].size(); ++i) {
      CHECK(latents[bar][i] == Approx(known[bar][i]).margin(1e-5));
    }
  }
  CHECK_THROWS_AS(model.draw_latents(make_layout(model.codec(), {4, 4}, 1), {1.0, 5}, known),
                  Error);
  const MusicVae other(test::small_model());
  CHECK_THROWS_WITH(other.draw_latents(make_layout(other.codec(), {4, 4}, 5), {1.0, 5},
                                       other.encode(make_layout(other.codec(), {4, 4}, 2))),
                    Catch::Contains("cannot go on"));
}

TEST_CASE("The commonest meter is that of the training data, 4/4 without a record of it",
          "[src][musicvae]") {
  auto model = test::small_model();
  CHECK(MusicVae(model).commonest_meter() == midi::Meter{4, 4});
  model.training = {{"data", {{"bars_by_meter", {{"3/4", 5}, {"6/8", 9}, {"4/4", 2}}}}}};
  CHECK(MusicVae(model).commonest_meter() == midi::Meter{6, 8});
  model.training = {{"data", {{"bars_by_meter", {{"waltz", 5}}}}}};
  CHECK(MusicVae(model).commonest_meter() == midi::Meter{4, 4});
}

TEST_CASE("Without a name the model in the box is loaded, under another name an error says so",
          "[src][musicvae]") {
  const MusicVae model;
  CHECK(model.parameter_count() > 0);
  CHECK(model.can_inpaint());
  CHECK_THROWS_WITH(MusicVae("no-such-model"), Catch::Contains("no-such-model"));
}
