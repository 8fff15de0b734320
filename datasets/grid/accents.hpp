#pragma once

#include <vector>

#include "datasets/grid/bar_layout.hpp"

namespace musicvae::datasets {

/// Guesses the bar lines of music whose file states no meter: spans of `meter`, the first from step
/// 0 on, and another from each accent at which bars begin anew. `notes` have onsets from the start
/// of the piece, ascending.
///
/// Programs that turn notation into MIDI often play the first note of every bar loudest, and an
/// upbeat at tick 0. Accents are taken for bar lines only where the loudest notes are a minority,
/// stand a whole number of bars apart and mark nearly every bar; in other music bars are counted
/// from step 0.
std::vector<MeterSpan> follow_accents(const midi::Meter& meter, const Grid& grid,
                                      const std::vector<GridNote>& notes);

}  // namespace musicvae::datasets
