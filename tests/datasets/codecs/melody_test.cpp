#include "datasets/codecs/melody.hpp"

#include "tests/catch.hpp"
#include "tests/datasets/random_music.hpp"

using namespace musicvae;
using namespace musicvae::datasets;
using namespace musicvae::datasets::testing;

namespace {

GridNote note(int onset, int duration, int pitch, int part = 0) {
  GridNote result;
  result.onset = Steps(onset);
  result.duration = Steps(duration);
  result.pitch = static_cast<std::uint8_t>(pitch);
  result.part = static_cast<std::uint16_t>(part);
  return result;
}

using Tokens = std::vector<std::uint16_t>;

const MelodyCodec kCodec{Grid{1}};

/// The tokens of bars of 4/4 at one step a quarter.
Tokens encode(const std::vector<std::vector<GridNote>>& bars, Dropped* dropped = nullptr) {
  Passage passage{Grid{1}, {}};
  for (const auto& notes : bars) passage.bars.push_back({{4, 4}, Steps(4), notes});
  Tokens tokens;
  for (const BarRows& rows : kCodec.encode(passage, dropped)) {
    tokens.insert(tokens.end(), rows.values.begin(), rows.values.end());
  }
  return tokens;
}

}  // namespace

TEST_CASE("A melody has 90 classes: hold, note-off, pitches from 21", "[datasets][melody]") {
  CHECK(kCodec.row_shape() == RowShape{RowShape::Kind::kToken, 90});
  CHECK(encode({{note(0, 1, 21), note(2, 2, 108)}}) == Tokens{2, 1, 89, 0});
}

TEST_CASE("A note-off comes at the step after a note's end, over bar lines too",
          "[datasets][melody]") {
  CHECK(encode({{note(2, 3, 60)}, {}}) == Tokens{0, 0, 41, 0, 0, 1, 0, 0});
  CHECK(encode({{note(2, 2, 60)}, {}}) == Tokens{0, 0, 41, 0, 1, 0, 0, 0});
}

TEST_CASE("The highest of simultaneous notes stays, over all parts", "[datasets][melody]") {
  Dropped dropped;
  CHECK(encode({{note(0, 4, 60), note(0, 4, 72, 1), note(0, 4, 67, 2)}}, &dropped) ==
        Tokens{53, 0, 0, 0});
  CHECK(dropped == Dropped{{"lower of simultaneous notes", 2}});
}

TEST_CASE("A later onset ends the note before, though it be lower", "[datasets][melody]") {
  Dropped dropped;
  CHECK(encode({{note(0, 4, 72), note(1, 1, 60, 1)}}, &dropped) == Tokens{53, 41, 1, 0});
  CHECK(dropped == Dropped{{"shortened by the next onset", 1}});
  CHECK(dropped_notes(dropped) == 0);
}

TEST_CASE("Drums and pitches beyond the piano are dropped by name", "[datasets][melody]") {
  GridNote drum = note(0, 1, 40);
  drum.drum = true;
  Dropped dropped;
  CHECK(encode({{drum, note(1, 1, 20), note(2, 1, 109)}}, &dropped) == Tokens{0, 0, 0, 0});
  CHECK(dropped == Dropped{{"drums", 1}, {"pitch outside the codec's range", 2}});
}

TEST_CASE("A note past the end is held to the end and counted", "[datasets][melody]") {
  Dropped dropped;
  CHECK(encode({{note(3, 9, 60)}}, &dropped) == Tokens{0, 0, 0, 41});
  CHECK(dropped == Dropped{{"shortened at the end of the passage", 1}});
}

TEST_CASE("A hold with nothing sounding is a rest", "[datasets][melody]") {
  const std::vector<BarRows> rows{{{4, 4}, Steps(4), 4, {0, 1, 41, 0}}};
  const Passage passage = kCodec.decode(rows);
  REQUIRE(testing::note_count(passage) == 1);
  CHECK(passage.bars[0].notes[0] == note(2, 2, 60));
}

TEST_CASE("A line of single notes comes back whole", "[datasets][melody][property]") {
  Rng rng(41);
  const MelodyCodec codec{Grid{4}};
  for (int round = 0; round < 100; ++round) {
    Passage passage = random_passage(rng, Grid{4}, 6, {21, 108, 0});
    Steps sounding_until(0), start(0), total(0);
    for (const Bar& bar : passage.bars) total += bar.length;
    for (Bar& bar : passage.bars) {
      for (Steps step(0); step < bar.length; step += Steps(1)) {
        if (start + step < sounding_until || pick(rng, 0, 2) != 0) continue;
        const int room = (total - start - step).count;
        bar.notes.push_back(note(step.count, std::min(room, pick(rng, 1, 20)), pick(rng, 21, 108)));
        sounding_until = start + step + bar.notes.back().duration;
      }
      start += bar.length;
    }
    Dropped dropped;
    REQUIRE(codec.decode(codec.encode(passage, &dropped)) == passage);
    REQUIRE(dropped.empty());
  }
}
