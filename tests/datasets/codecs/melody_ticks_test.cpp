#include "datasets/codecs/melody_ticks.hpp"

#include <algorithm>

#include "tests/catch.hpp"
#include "tests/datasets/random_music.hpp"

using namespace musicvae;
using namespace musicvae::datasets;
using namespace musicvae::datasets::testing;

namespace {

using Tokens = std::vector<std::uint16_t>;

const MelodyTicksCodec kCodec{Grid{12}};
constexpr const char* kMoved = "shortened or moved to the nearest tick";

GridNote note(int onset, int duration, int pitch) {
  GridNote result;
  result.onset = Steps(onset);
  result.duration = Steps(duration);
  result.pitch = static_cast<std::uint8_t>(pitch);
  return result;
}

/// Bars of the lengths given, which need not be those of their meters.
Passage passage_of(const std::vector<std::pair<int, std::vector<GridNote>>>& bars) {
  Passage passage{Grid{12}, {}};
  for (const auto& [length, notes] : bars) passage.bars.push_back({{4, 4}, Steps(length), notes});
  return passage;
}

Tokens tokens_of(const Passage& passage, Dropped* dropped = nullptr) {
  Tokens tokens;
  for (const BarRows& rows : kCodec.encode(passage, dropped)) {
    tokens.insert(tokens.end(), rows.values.begin(), rows.values.end());
  }
  return tokens;
}

/// The steps of a quarter at which ticks stand.
const std::vector<int> kTicks{0, 3, 4, 6, 8, 9};

}  // namespace

TEST_CASE("A quarter has ticks at 0, 1/4, 1/3, 1/2, 2/3 and 3/4", "[datasets][melody-ticks]") {
  for (std::size_t tick = 0; tick < kTicks.size(); ++tick) {
    Dropped dropped;
    Tokens expected(6, MelodyCodec::kHold);
    expected[tick] = 41;
    CHECK(tokens_of(passage_of({{12, {note(kTicks[tick], 12 - kTicks[tick], 60)}}}), &dropped) ==
          expected);
    CHECK(dropped.empty());
  }
}

TEST_CASE("A bar of 4/4 has 24 rows, one of 6/8 18, a short one those that begin in it",
          "[datasets][melody-ticks]") {
  CHECK(kCodec.max_rows(Steps(48)) == 24);
  CHECK(kCodec.max_rows(Steps(36)) == 18);
  CHECK(kCodec.max_rows(Steps(1)) == 1);
  CHECK(kCodec.max_rows(Steps(3)) == 1);
  CHECK(kCodec.max_rows(Steps(16)) == 8);
  CHECK(kCodec.max_rows(Steps(17)) == 9);
  CHECK(kCodec.encode(passage_of({{48, {}}, {17, {}}}), nullptr)[1].rows == 9);
}

TEST_CASE("Onsets and ends between ticks move to the nearest and are counted",
          "[datasets][melody-ticks]") {
  Dropped dropped;
  CHECK(tokens_of(passage_of({{12, {note(1, 3, 60)}}}), &dropped) == Tokens{41, 0, 1, 0, 0, 0});
  CHECK(tokens_of(passage_of({{12, {note(2, 2, 60)}}}), &dropped) == Tokens{0, 41, 1, 0, 0, 0});
  CHECK(tokens_of(passage_of({{12, {note(5, 3, 60)}}}), &dropped) == Tokens{0, 0, 0, 41, 1, 0});
  CHECK(tokens_of(passage_of({{12, {note(0, 10, 60)}}}), &dropped) == Tokens{41, 0, 0, 0, 0, 1});
  CHECK(dropped == Dropped{{kMoved, 4}});
  CHECK(dropped_notes(dropped) == 0);
}

TEST_CASE("A note just before a bar line moves over it, but not past the passage's end",
          "[datasets][melody-ticks]") {
  CHECK(tokens_of(passage_of({{12, {note(11, 4, 60)}}, {12, {}}})) ==
        Tokens{0, 0, 0, 0, 0, 0, 41, 1, 0, 0, 0, 0});
  CHECK(tokens_of(passage_of({{12, {}}, {12, {note(11, 1, 60)}}})) ==
        Tokens{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 41});
}

TEST_CASE("A note shorter than a tick lasts one", "[datasets][melody-ticks]") {
  Dropped dropped;
  CHECK(tokens_of(passage_of({{12, {note(0, 1, 60)}}}), &dropped) == Tokens{41, 1, 0, 0, 0, 0});
  CHECK(dropped == Dropped{{kMoved, 1}});
}

TEST_CASE("The highest of the notes that meet on a tick stays", "[datasets][melody-ticks]") {
  Dropped dropped;
  CHECK(tokens_of(passage_of({{12, {note(9, 1, 60), note(10, 2, 64)}}}), &dropped) ==
        Tokens{0, 0, 0, 0, 0, 45});
  CHECK(dropped[kMoved] == 2);
  CHECK(dropped["lower of simultaneous notes"] == 1);
}

TEST_CASE("A note past the end of the ticks' passage is held to the end",
          "[datasets][melody-ticks]") {
  Dropped dropped;
  CHECK(tokens_of(passage_of({{12, {note(9, 14, 60)}}}), &dropped) == Tokens{0, 0, 0, 0, 0, 41});
  CHECK(dropped == Dropped{{"shortened at the end of the passage", 1}});
}

TEST_CASE("A line on the ticks comes back whole", "[datasets][melody-ticks][property]") {
  Rng rng(51);
  for (int round = 0; round < 100; ++round) {
    Passage passage = random_passage(rng, Grid{12}, 6, {21, 108, 0});
    std::vector<std::pair<Bar*, int>> places;  // Each tick's bar and step in it.
    std::vector<int> ticks;                    // Steps from the start.
    int start = 0;
    for (Bar& bar : passage.bars) {
      for (int step = 0; step < bar.length.count; ++step) {
        if (std::count(kTicks.begin(), kTicks.end(), step % 12) == 0) continue;
        places.emplace_back(&bar, step);
        ticks.push_back(start + step);
      }
      start += bar.length.count;
    }
    ticks.push_back(start);
    for (std::size_t i = 0; i < places.size();) {
      const std::size_t end = std::min(i + std::size_t(pick(rng, 1, 9)), places.size());
      const auto& [bar, step] = places[i];
      bar->notes.push_back(note(step, ticks[end] - ticks[i], pick(rng, 21, 108)));
      i = end + std::size_t(pick(rng, 0, 3));
    }
    Dropped dropped;
    REQUIRE(kCodec.decode(kCodec.encode(passage, &dropped)) == passage);
    REQUIRE(dropped.empty());
  }
}

TEST_CASE("On the ticks the codec says what the melody codec says",
          "[datasets][melody-ticks][property]") {
  Rng rng(52);
  const MelodyCodec melody{Grid{12}};
  for (int round = 0; round < 60; ++round) {
    const Passage said = kCodec.decode(kCodec.encode(random_passage(rng, Grid{12}, 4), nullptr));
    CHECK(melody.decode(melody.encode(said, nullptr)) == said);
  }
}

TEST_CASE("A grid of other than 12 steps a quarter is refused, and the right one is said",
          "[datasets][melody-ticks][hostile]") {
  CHECK_NOTHROW(make_codec("melody-ticks", Grid{12}));
  for (const int steps : {1, 4, 6, 24}) {
    try {
      make_codec("melody-ticks", Grid{steps});
      FAIL("a grid of " << steps << " was taken");
    } catch (const DatasetError& error) {
      CHECK(std::string(error.what()).find("12 steps a quarter") != std::string::npos);
    }
  }
}
