#pragma once

#include <string>
#include <vector>

#include "datasets/grid/grid.hpp"
#include "midi/score.hpp"

namespace musicvae {

/// Where the bars of a score stand. They are counted from 1 as a DAW counts them; a first bar that
/// was guessed to be an upbeat is bar 0.
class BarLines {
 public:
  /// Throws DatasetError where the score has no bars, as in SMPTE time.
  explicit BarLines(const midi::Score& score, const datasets::QuantizeOptions& options = {});
  /// The bars of `piece`, which was made of a score in `ticks_per_quarter`.
  BarLines(const datasets::Piece& piece, int ticks_per_quarter);

  /// What was guessed where the score states no meter.
  const datasets::BarGuess& guess() const { return guess_; }
  int first() const { return first_; }
  int last() const { return first_ + static_cast<int>(lines_.size()) - 2; }
  /// Throw Error where there is no such bar.
  midi::Ticks start(int bar) const;
  midi::Ticks end(int bar) const;
  /// The bar that sounds at `time`. Before the music it is the first bar, after it the last.
  int bar_at(midi::Ticks time) const;

 private:
  std::size_t index(int bar) const;

  datasets::BarGuess guess_;
  int first_;
  std::vector<midi::Ticks> lines_;  // The starts of all bars, and the end of the last.
};

/// Consecutive bars of a piece, by their numbers, and when they sound in its file.
struct BarStretch {
  int first = 0;
  int last = 0;
  midi::Seconds start;
  midi::Seconds end;
};

/// The stretches that bars make up, which are ascending indices into the bars of `piece`, of which
/// `score` is the file.
std::vector<BarStretch> bar_stretches(const midi::Score& score, const datasets::Piece& piece,
                                      const std::vector<int>& bars);

/// Such as "bars 5-8 (0:12.0 to 0:19.2), 13 (0:28.8 to 0:31.2)".
std::string describe(const std::vector<BarStretch>& stretches);

}  // namespace musicvae
