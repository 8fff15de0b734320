#include "datasets/metrics/bar_figures.hpp"

#include "tests/catch.hpp"
#include "tests/datasets/made_music.hpp"

using namespace musicvae;
using namespace musicvae::datasets;

namespace {

Bar bar_of(std::vector<GridNote> notes) { return {{4, 4}, Steps(16), std::move(notes)}; }

GridNote note(int onset, int pitch, int duration) {
  return {Steps(onset), Steps(duration), std::uint8_t(pitch)};
}

}  // namespace

TEST_CASE("Notes a bar are all notes over all bars", "[datasets][bar_figures]") {
  CHECK(*notes_per_bar(
            {Grid{4}, {bar_of({note(0, 60, 1), note(0, 64, 1), note(8, 60, 1)}), bar_of({})}}) ==
        Approx(1.5));
  CHECK_FALSE(notes_per_bar({Grid{4}, {}}));
}

TEST_CASE("A piece played twice repeats half of its bars and those it repeated",
          "[datasets][bar_figures][property]") {
  for (unsigned seed = 0; seed < 30; ++seed) {
    Passage music = made::passage(seed, 7);
    const double once = *repeated_bar_share(music);
    const auto bars = music.bars;
    music.bars.insert(music.bars.end(), bars.begin(), bars.end());
    CHECK(*repeated_bar_share(music) == Approx((once + 1) / 2));
  }
}

TEST_CASE("A bar comes again with its length, onsets, pitches and durations",
          "[datasets][bar_figures]") {
  const Bar first = bar_of({note(0, 60, 4), note(4, 64, 4)});
  const auto share = [&](const Bar& second) {
    return *repeated_bar_share({Grid{4}, {first, second}});
  };
  CHECK(share(bar_of({note(4, 64, 4), note(0, 60, 4)})) == 0.5);
  CHECK(share(bar_of({note(0, 60, 4), note(5, 64, 4)})) == 0);
  CHECK(share(bar_of({note(0, 60, 4), note(4, 65, 4)})) == 0);
  CHECK(share(bar_of({note(0, 60, 4), note(4, 64, 3)})) == 0);
  CHECK(share({{3, 4}, Steps(12), first.notes}) == 0);
  Bar louder = first;
  louder.notes[0].velocity = 120;
  louder.notes[1].part = 3;
  CHECK(share(louder) == 0.5);
}

TEST_CASE("Empty bars are no repeats", "[datasets][bar_figures]") {
  CHECK(repeated_bar_share({Grid{4}, {bar_of({}), bar_of({}), bar_of({note(0, 60, 4)})}}) == 0.0);
  CHECK_FALSE(repeated_bar_share({Grid{4}, {bar_of({}), bar_of({})}}));
}

TEST_CASE("A bar is silent where no note begins and none is held into it",
          "[datasets][bar_figures]") {
  // The note sounds for a quarter in its own bar, through the next one, and in the third.
  const Passage held{Grid{4},
                     {bar_of({note(12, 60, 21)}), bar_of({}), bar_of({}), bar_of({}), bar_of({})}};
  CHECK(*silent_bar_share(held) == Approx(2. / 5));
  const Passage ended{Grid{4}, {bar_of({note(12, 60, 4)}), bar_of({})}};
  CHECK(*silent_bar_share(ended) == Approx(0.5));
  CHECK_FALSE(silent_bar_share({Grid{4}, {}}));
}
