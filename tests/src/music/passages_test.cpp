#include "src/music/passages.hpp"

#include "src/base/error.hpp"
#include "src/music/model_files.hpp"
#include "tests/catch.hpp"

using namespace musicvae;
using datasets::Passage;
using datasets::Steps;

namespace {

/// Two bars of 2/4 in sixteenths.
Passage two_bars(std::vector<datasets::GridNote> first, std::vector<datasets::GridNote> second) {
  return {{4}, {{{2, 4}, Steps(8), std::move(first)}, {{2, 4}, Steps(8), std::move(second)}}};
}

}  // namespace

TEST_CASE("Passages cut from a piece join to the same piece", "[src][passages]") {
  const auto codec = datasets::make_codec("notes", {4});
  auto music = make_layout(*codec, {3, 4}, 7);
  music.bars[6].notes.push_back({Steps(2), Steps(3), 64});
  const auto passages = split_passages(music, 4);
  REQUIRE(passages.size() == 2);
  CHECK(passages[1].bars.size() == 3);
  CHECK((join_passages(passages) == music));
}

TEST_CASE("Music is cut, or begins again wherever it ends", "[src][passages]") {
  const auto music = two_bars({{Steps(0), Steps(4), 60}}, {{Steps(4), Steps(4), 64}});
  CHECK((repeat_or_cut(music, 1) == datasets::slice(music, 0, 1)));
  CHECK((repeat_or_cut(music, 2) == music));
  CHECK((repeat_or_cut(music, 5) ==
         join_passages(std::vector{music, music, datasets::slice(music, 0, 1)})));
}

TEST_CASE("A meter that is off the model's grid is refused with advice", "[src][passages]") {
  const auto codec = datasets::make_codec("melody", {4});
  CHECK_THROWS_AS(make_layout(*codec, {5, 32}, 1), Error);
}

TEST_CASE("Music is polyphonic where a note begins while another sounds", "[src][passages]") {
  const auto line =
      two_bars({{Steps(0), Steps(4), 60}, {Steps(4), Steps(4), 62}}, {{Steps(0), Steps(8), 64}});
  const auto chord = two_bars({{Steps(0), Steps(4), 60}, {Steps(0), Steps(4), 64}}, {});
  const auto tie = two_bars({{Steps(4), Steps(6), 60}}, {{Steps(1), Steps(2), 64}});
  CHECK_FALSE(is_polyphonic(line));
  CHECK(is_polyphonic(chord));
  CHECK(is_polyphonic(tie));
}

TEST_CASE("The model that fills bars is one whose rows can say what is asked", "[src][passages]") {
  const auto fine = [](std::int64_t onset) {
    return Passage{{12}, {{{4, 4}, Steps(48), {{Steps(onset), Steps(4), 60}}}}};
  };
  const auto chord = two_bars({{Steps(0), Steps(4), 60}, {Steps(0), Steps(4), 64}}, {});
  CHECK(std::string(inpainting_model_for(fine(3))) == kDefaultModel);
  CHECK(std::string(inpainting_model_for(fine(4))) == kMelodyInpaintingModel);
  CHECK(std::string(inpainting_model_for(chord)) == kDefaultModel);
}

TEST_CASE("Notes outside of missing bars are what a fill can follow", "[src][passages]") {
  const auto music = two_bars({{Steps(0), Steps(4), 60}}, {});
  CHECK(note_count(music) == 1);
  CHECK(has_notes_outside(music, {1}));
  CHECK_FALSE(has_notes_outside(music, {0}));
}
