#pragma once

#include <vector>

#include "datasets/grid/grid.hpp"

namespace musicvae::datasets {

struct RepeatCounts {
  std::size_t merged = 0;  ///< Notes dropped for one of the same onset.
  std::size_t cut = 0;     ///< Notes ended by the next onset of their pitch.
};

/// Lets the notes of one part and pitch follow each other, as on an instrument: the longest of
/// those with one onset stays, and a note ends where its pitch is struck again. `notes` have onsets
/// from a common start; they are left sorted by onset, pitch, part.
RepeatCounts separate_repeats(std::vector<GridNote>& notes);

}  // namespace musicvae::datasets
