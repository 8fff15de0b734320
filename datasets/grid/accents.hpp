#pragma once

#include <vector>

#include "datasets/grid/bar_layout.hpp"

namespace musicvae::datasets {

/// The spans with each meter stated anew where the accents of the music put a bar line that the
/// meter map does not have. `notes` have onsets from the start of the piece, ascending.
///
/// abc2midi, from which most folk tunes on the net come, plays an upbeat at tick 0 and counts bars
/// from there, so the meter map is off by the upbeat throughout; but it plays the first note of
/// every bar loudest. Accents are taken for bar lines only where the loudest notes are a minority,
/// stand a whole number of bars apart and mark nearly every bar; other music is left as it is.
std::vector<MeterSpan> follow_accents(std::vector<MeterSpan> spans, const Grid& grid,
                                      const std::vector<GridNote>& notes);

}  // namespace musicvae::datasets
