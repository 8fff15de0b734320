#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "src/music/source.hpp"

/// Scores of music that was made between pieces: bars of one as bars of another, and scores in
/// sequence.
namespace musicvae {

/// The starts of all bars, and the end of the last.
using BarTicks = std::vector<midi::Ticks>;

BarTicks bar_ticks(const datasets::Passage& music, int ticks_per_quarter);
BarTicks bar_ticks(const Source& source);

/// The tempos of a piece in bars at `to`, from the start on.
std::vector<midi::Tempo> tempos_over(const Source& source, const BarTicks& to);

/// The keys of a piece in bars at `to`.
std::vector<midi::KeyChange> keys_over(const Source& source, const BarTicks& to);

/// A tempo of so many microseconds a quarter, as near as a file can state it.
midi::Tempo tempo_at(midi::Ticks time, double microseconds_per_quarter);

/// A resolution that holds those of all sources, if a file can state it; else that of the first.
int common_resolution(std::span<const Source* const> sources);

/// Appends scores to one that begins where the last ends.
class ScoreJoiner {
 public:
  explicit ScoreJoiner(int ticks_per_quarter);

  /// Adds `score`, whose first tracks are `parts` and whose bars are so long. Notes that sound past
  /// them are cut if another score follows. `marker` stands at its start, unless it is empty.
  void add(const midi::Score& score, const std::vector<datasets::Part>& parts,
           const std::string& marker, midi::Ticks length, bool is_last);
  midi::Score take();

 private:
  std::vector<std::size_t> tracks_for(const std::vector<datasets::Part>& parts,
                                      const std::vector<midi::Track>& added);
  void add_track(const midi::Track& track, midi::Ticks end, midi::Track& joined);

  midi::Score joined_;
  std::vector<datasets::Part> parts_;  // Those of the joined tracks.
  midi::Ticks start_;                  // Where the score to come begins.
};

}  // namespace musicvae
