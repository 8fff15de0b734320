#pragma once

#include <random>
#include <vector>

#include "datasets/grid/grid.hpp"

/// Random scores and passages for property tests.
namespace musicvae::datasets::testing {

using Rng = std::mt19937;

inline int pick(Rng& rng, int low, int high) {
  return std::uniform_int_distribution<int>(low, high)(rng);
}

/// Meters of music; each falls on a grid of 4 steps a quarter.
inline midi::Meter random_meter(Rng& rng) {
  static const std::vector<midi::Meter> meters{{4, 4}, {3, 4}, {6, 8}, {12, 8}, {3, 8},
                                               {2, 2}, {5, 4}, {1, 4}, {7, 16}};
  return meters[std::size_t(pick(rng, 0, int(meters.size()) - 1))];
}

struct RandomNotes {
  int lowest = 21;
  int highest = 108;
  int most_in_a_bar = 12;
  int longest = 24;  ///< Steps.
  int parts = 1;
};

inline GridNote random_note(Rng& rng, Steps bar_length, const RandomNotes& range) {
  GridNote note;
  note.onset = Steps(pick(rng, 0, bar_length.count - 1));
  note.duration = Steps(pick(rng, 1, range.longest));
  note.pitch = static_cast<std::uint8_t>(pick(rng, range.lowest, range.highest));
  note.part = static_cast<std::uint16_t>(pick(rng, 0, range.parts - 1));
  return note;
}

/// Bars of random meters, the first one cut short at times, notes in no order.
inline Passage random_passage(Rng& rng, const Grid& grid, int bars, const RandomNotes& range = {}) {
  Passage passage{grid, {}};
  for (int i = 0; i < bars; ++i) {
    Bar bar;
    bar.meter = random_meter(rng);
    bar.length = *bar_length(grid, bar.meter);
    if (i == 0 && pick(rng, 0, 2) == 0) bar.length = Steps(pick(rng, 1, bar.length.count));
    const int notes = pick(rng, 0, range.most_in_a_bar);
    for (int n = 0; n < notes; ++n) bar.notes.push_back(random_note(rng, bar.length, range));
    passage.bars.push_back(bar);
  }
  return passage;
}

inline midi::Track random_track(Rng& rng, std::int64_t ticks, int notes) {
  midi::Track track;
  const auto channel = static_cast<std::uint8_t>(pick(rng, 0, 15));
  for (int i = 0; i < notes; ++i) {
    midi::Note note;
    note.onset = midi::Ticks(pick(rng, 0, int(ticks)));
    note.duration = midi::Ticks(pick(rng, 0, int(ticks) / 8));
    note.channel = channel;
    note.pitch = static_cast<std::uint8_t>(pick(rng, 0, 127));
    note.velocity = static_cast<std::uint8_t>(pick(rng, 1, 127));
    track.notes.push_back(note);
  }
  return track;
}

/// A few tracks over some 30 quarters, meters changing anywhere.
inline midi::Score random_score(Rng& rng) {
  static const std::vector<int> resolutions{1, 24, 96, 120, 220, 384, 480, 1024};
  midi::Score score;
  const int ticks = resolutions[std::size_t(pick(rng, 0, int(resolutions.size()) - 1))];
  score.division.ticks_per_quarter = ticks;
  const int tracks = pick(rng, 1, 3);
  for (int i = 0; i < tracks; ++i) {
    score.tracks.push_back(random_track(rng, std::int64_t{30} * ticks, pick(rng, 1, 60)));
  }
  std::int64_t time = 0;
  for (int i = pick(rng, 0, 4); i > 0; --i) {
    score.meters.push_back({midi::Ticks(time), random_meter(rng), 24, 8});
    time += pick(rng, 0, 8 * ticks);
  }
  return score;
}

inline std::size_t note_count(const Passage& passage) {
  std::size_t notes = 0;
  for (const Bar& bar : passage.bars) notes += bar.notes.size();
  return notes;
}

}  // namespace musicvae::datasets::testing
