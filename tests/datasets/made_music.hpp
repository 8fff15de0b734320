#pragma once

#include <algorithm>
#include <random>
#include <tuple>

#include "datasets/grid/grid.hpp"

/// Random music for the tests of datasets.
namespace musicvae::datasets::made {

inline int draw(std::mt19937& random, int low, int high) {
  return low + int(random() % unsigned(high - low + 1));
}

/// A bar with `notes` notes, sorted as a bar's are, no two of one onset and pitch.
inline Bar bar(std::mt19937& random, const Grid& grid, midi::Meter meter, int notes) {
  Bar result{meter, *bar_length(grid, meter), {}};
  for (int note = 0; note < notes; ++note) {
    result.notes.push_back({Steps(draw(random, 0, result.length.count - 1)),
                            Steps(draw(random, 1, 8)), std::uint8_t(draw(random, 48, 76)), 80, 0});
  }
  const auto place = [](const GridNote& note) { return std::tuple(note.onset, note.pitch); };
  std::sort(result.notes.begin(), result.notes.end(),
            [place](const auto& a, const auto& b) { return place(a) < place(b); });
  const auto repeats =
      std::unique(result.notes.begin(), result.notes.end(),
                  [place](const auto& a, const auto& b) { return place(a) == place(b); });
  result.notes.erase(repeats, result.notes.end());
  return result;
}

inline Passage passage(unsigned seed, int bars) {
  std::mt19937 random(seed);
  Passage music{Grid{4}, {}};
  const midi::Meter meter{std::uint8_t(draw(random, 3, 4)), 4};
  for (int index = 0; index < bars; ++index) {
    music.bars.push_back(bar(random, music.grid, meter, draw(random, 1, 8)));
  }
  return music;
}

inline Passage transposed(Passage music, int semitones) {
  for (Bar& each : music.bars) {
    for (GridNote& note : each.notes) note.pitch = std::uint8_t(note.pitch + semitones);
  }
  return music;
}

}  // namespace musicvae::datasets::made
