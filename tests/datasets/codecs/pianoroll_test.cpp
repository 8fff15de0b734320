#include "datasets/codecs/pianoroll.hpp"

#include <algorithm>

#include "datasets/grid/repeats.hpp"
#include "tests/catch.hpp"
#include "tests/datasets/random_music.hpp"

using namespace musicvae;
using namespace musicvae::datasets;
using namespace musicvae::datasets::testing;

namespace {

constexpr int kWidth = 2 * PianorollCodec::kPitches;
const PianorollCodec kCodec{Grid{1}};

GridNote note(int onset, int duration, int pitch) {
  GridNote result;
  result.onset = Steps(onset);
  result.duration = Steps(duration);
  result.pitch = static_cast<std::uint8_t>(pitch);
  return result;
}

Passage two_bars(std::vector<GridNote> first, std::vector<GridNote> second) {
  return {Grid{1}, {{{2, 4}, Steps(2), std::move(first)}, {{2, 4}, Steps(2), std::move(second)}}};
}

/// Where bits are set: step, and bit in the row.
std::vector<std::pair<int, int>> set_bits(const std::vector<BarRows>& bars) {
  std::vector<std::pair<int, int>> result;
  int first_step = 0;
  for (const BarRows& bar : bars) {
    for (int i = 0; i < int(bar.values.size()); ++i) {
      if (bar.values[std::size_t(i)] != 0) result.emplace_back(first_step + i / kWidth, i % kWidth);
    }
    first_step += bar.rows;
  }
  return result;
}

}  // namespace

TEST_CASE("A row holds an onset bit and a sustain bit for each pitch", "[datasets][pianoroll]") {
  CHECK(kCodec.row_shape() == RowShape{RowShape::Kind::kBits, kWidth});
  const auto rows = kCodec.encode(two_bars({note(0, 3, 31), note(1, 1, 94)}, {}), nullptr);
  CHECK(set_bits(rows) == std::vector<std::pair<int, int>>{{0, 0}, {1, 63}, {1, 64}, {2, 64}});
}

TEST_CASE("A pitch struck again ends its note before", "[datasets][pianoroll]") {
  Dropped dropped;
  const auto rows =
      kCodec.encode(two_bars({note(0, 4, 60), note(1, 1, 60)}, {note(1, 1, 60)}), &dropped);
  CHECK(kCodec.decode(rows) == two_bars({note(0, 1, 60), note(1, 1, 60)}, {note(1, 1, 60)}));
  CHECK(dropped == Dropped{{"shortened where its pitch is struck again", 1}});
}

TEST_CASE("A sustain bit after silence is passed over", "[datasets][pianoroll]") {
  BarRows bar{{2, 4}, Steps(2), 2, std::vector<std::uint16_t>(2 * kWidth)};
  bar.values[kWidth + PianorollCodec::kPitches] = 1;
  const std::vector<BarRows> rows{bar};
  CHECK(testing::note_count(kCodec.decode(rows)) == 0);
}

TEST_CASE("Polyphony in which no pitch overlaps itself comes back whole",
          "[datasets][pianoroll][property]") {
  Rng rng(61);
  const PianorollCodec codec{Grid{4}};
  for (int round = 0; round < 60; ++round) {
    Passage passage{Grid{4}, {{{12, 8}, Steps(24), {}}, {{3, 8}, Steps(6), {}}}};
    for (int i = 0; i < 30; ++i) {
      const GridNote random = random_note(rng, Steps(24), {31, 94, 0, 30});
      passage.bars[0].notes.push_back(random);
      passage.bars[0].notes.back().duration = std::min(random.duration, Steps(30) - random.onset);
    }
    separate_repeats(passage.bars[0].notes);
    Dropped dropped;
    REQUIRE(codec.decode(codec.encode(passage, &dropped)) == passage);
    REQUIRE(dropped.empty());
  }
}

TEST_CASE("The grammar of a roll takes as many rows as the bar has steps",
          "[datasets][pianoroll]") {
  const auto grammar = kCodec.grammar(Steps(3));
  for (int row = 0; row < 3; ++row) {
    CHECK_FALSE(grammar->finished());
    grammar->push(-1);
  }
  CHECK(grammar->finished());
}
