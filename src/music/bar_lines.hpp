#pragma once

#include <vector>

#include "midi/score.hpp"

namespace musicvae {

/// Where the bars of a score stand, counted as musicians do: from 1, an upbeat as 0.
class BarLines {
 public:
  /// Throws DatasetError where the score has no bars, as in SMPTE time.
  explicit BarLines(const midi::Score& score);

  int first() const { return first_; }
  int last() const { return first_ + static_cast<int>(lines_.size()) - 2; }
  /// Throw Error where there is no such bar.
  midi::Ticks start(int bar) const;
  midi::Ticks end(int bar) const;
  /// The bar that sounds at `time`. Before the music it is the first bar, after it the last.
  int bar_at(midi::Ticks time) const;

 private:
  std::size_t index(int bar) const;

  int first_;
  std::vector<midi::Ticks> lines_;  // The starts of all bars, and the end of the last.
};

}  // namespace musicvae
