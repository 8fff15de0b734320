#include "datasets/splice/recasting.hpp"

#include <algorithm>
#include <set>
#include <tuple>

#include "tests/catch.hpp"
#include "tests/datasets/random_music.hpp"

using namespace musicvae;
using namespace musicvae::datasets;
using namespace musicvae::datasets::testing;

namespace {

/// Notes of a bar of 4/4 on sixteenths.
struct Written {
  int onset, duration, pitch, velocity = 80, part = 0;
};
Bar bar_of(const std::vector<Written>& notes) {
  Bar bar{{4, 4}, Steps(16), {}};
  for (const Written& note : notes) {
    bar.notes.push_back({Steps(note.onset), Steps(note.duration), std::uint8_t(note.pitch),
                         std::uint8_t(note.velocity), std::uint16_t(note.part)});
  }
  return bar;
}
Piece piece_of(std::vector<Bar> bars, std::vector<Part> parts = {{"high", 0, 0}, {"low", 1, 0}}) {
  Piece piece;
  piece.music = {Grid{4}, std::move(bars)};
  piece.parts = std::move(parts);
  return piece;
}

/// As a codec gives music back: all of one part and one velocity.
Passage flattened(Passage music) {
  for (Bar& bar : music.bars) {
    for (GridNote& note : bar.notes) {
      note.part = 0;
      note.velocity = GridNote().velocity;
    }
  }
  return music;
}

std::vector<int> parts_of(const Bar& bar) {
  std::vector<int> parts;
  for (const GridNote& note : bar.notes) parts.push_back(note.part);
  return parts;
}
std::vector<int> velocities_of(const Bar& bar) {
  std::vector<int> velocities;
  for (const GridNote& note : bar.notes) velocities.push_back(note.velocity);
  return velocities;
}

using Key = std::tuple<int, int, int>;
std::multiset<Key> keys(const Bar& bar) {
  std::multiset<Key> result;
  for (const GridNote& note : bar.notes)
    result.insert({note.onset.count, note.duration.count, note.pitch});
  return result;
}

/// Random music whose parts have no note in common.
Piece random_piece(Rng& rng) {
  Piece piece;
  const int parts = pick(rng, 1, 4);
  piece.music = random_passage(rng, Grid{4}, pick(rng, 1, 6), {.parts = parts});
  for (int part = 0; part < parts; ++part) piece.parts.push_back({"", std::uint8_t(part), 0});
  for (Bar& bar : piece.music.bars) {
    std::set<std::pair<Steps, int>> seen;
    std::erase_if(bar.notes, [&](const GridNote& note) {
      return !seen.insert({note.onset, note.pitch}).second;
    });
    for (GridNote& note : bar.notes) note.velocity = std::uint8_t(pick(rng, 1, 127));
    std::sort(bar.notes.begin(), bar.notes.end(), [](const auto& a, const auto& b) {
      return std::tie(a.onset, a.pitch) < std::tie(b.onset, b.pitch);
    });
  }
  return piece;
}

}  // namespace

TEST_CASE("Music that is a piece's own gets its parts and velocities back",
          "[datasets][splice][property]") {
  Rng rng(71);
  for (int round = 0; round < 200; ++round) {
    const Piece piece = random_piece(rng);
    REQUIRE((cast_parts(flattened(piece.music), piece) == piece.music));
  }
}

TEST_CASE("New notes keep their place and pitch, and go to parts that play within a bar of them",
          "[datasets][splice][property]") {
  Rng rng(72);
  for (int round = 0; round < 200; ++round) {
    const Piece piece = random_piece(rng);
    Passage music = piece.music;
    for (Bar& bar : music.bars) {
      bar.notes.clear();
      for (int i = pick(rng, 0, 9); i > 0; --i)
        bar.notes.push_back(random_note(rng, bar.length, {}));
    }
    const Passage cast = cast_parts(music, piece);
    REQUIRE(cast.bars.size() == music.bars.size());
    for (std::size_t bar = 0; bar < music.bars.size(); ++bar) {
      REQUIRE(keys(cast.bars[bar]) == keys(music.bars[bar]));
      std::set<int> playing;
      for (std::size_t near = bar > 0 ? bar - 1 : 0;
           near < std::min(bar + 2, piece.music.bars.size()); ++near) {
        for (const GridNote& note : piece.music.bars[near].notes) playing.insert(note.part);
      }
      for (const GridNote& note : cast.bars[bar].notes) {
        REQUIRE(note.velocity >= 1);
        if (!playing.empty()) REQUIRE(playing.count(note.part) == 1);
      }
    }
  }
}

TEST_CASE("A new note goes to the part whose line it continues", "[datasets][splice]") {
  // The lines cross in the middle of the bar.
  const Piece piece = piece_of(
      {bar_of({{0, 8, 72, 80, 0}, {0, 8, 55, 80, 1}, {8, 8, 55, 80, 0}, {8, 8, 72, 80, 1}})});
  const Passage music{Grid{4}, {bar_of({{2, 2, 74}, {4, 2, 53}, {10, 2, 54}, {12, 2, 73}})}};
  CHECK(parts_of(cast_parts(music, piece).bars[0]) == std::vector{0, 1, 0, 1});
}

TEST_CASE("A part that rests takes no notes from one that plays", "[datasets][splice]") {
  const Bar both = bar_of({{0, 16, 60, 80, 0}, {0, 16, 62, 80, 1}});
  const Bar one = bar_of({{0, 16, 60, 80, 0}});
  const Piece piece = piece_of({both, one, one, one, both});
  const Bar fresh = bar_of({{4, 4, 62}, {8, 4, 63}});
  const Passage cast = cast_parts({Grid{4}, {fresh, fresh, fresh, fresh, fresh}}, piece);
  CHECK(parts_of(cast.bars[2]) == std::vector{0, 0});
  CHECK(parts_of(cast.bars[0]) == std::vector{1, 1});
}

TEST_CASE("New notes are as loud as their part is at that place of the nearest bar",
          "[datasets][splice]") {
  const auto bar = [](int accent, int other) {
    return bar_of({{0, 4, 60, accent}, {4, 4, 62, other}, {8, 4, 64, other}, {12, 4, 65, other}});
  };
  const Piece piece =
      piece_of({bar(60, 40), bar(60, 40), bar(120, 100), bar(120, 100)}, {{"line", 0, 0}});
  const Bar fresh = bar_of({{0, 4, 67}, {4, 4, 69}, {6, 2, 71}, {12, 4, 72}});
  const Passage cast = cast_parts({Grid{4}, {fresh, fresh, fresh, fresh}}, piece);
  CHECK(velocities_of(cast.bars[1]) == std::vector{60, 40, 40, 40});
  CHECK(velocities_of(cast.bars[2]) == std::vector{120, 100, 100, 100});
}

TEST_CASE("A piece that begins again gives its parts again", "[datasets][splice]") {
  const Bar first = bar_of({{0, 8, 48, 70, 1}, {0, 8, 72, 90, 0}});
  const Bar second = bar_of({{0, 8, 74, 95, 0}, {4, 8, 50, 75, 1}});
  const Piece piece = piece_of({first, second});
  const Passage twice{Grid{4}, {first, second, first}};
  CHECK((cast_parts(flattened(twice), piece) == twice));
}

TEST_CASE("Drums of new music stay, and a piece of drums casts nobody", "[datasets][splice]") {
  Passage music{Grid{4}, {bar_of({{0, 4, 60}, {4, 4, 36}})}};
  music.bars[0].notes[1].drum = true;
  const Piece piece = piece_of({bar_of({{0, 4, 60, 33, 1}, {4, 4, 36, 44, 1}})});
  const Passage cast = cast_parts(music, piece);
  REQUIRE(cast.bars[0].notes.size() == 2);
  CHECK(cast.bars[0].notes[0].part == 1);
  CHECK((cast.bars[0].notes[1] == music.bars[0].notes[1]));
  Piece drums = piece;
  for (GridNote& note : drums.music.bars[0].notes) note.drum = true;
  CHECK((cast_parts(music, drums) == music));
}
