#pragma once

#include "datasets/grid/grid.hpp"
#include "midi/live/playback.hpp"

/// Music that is played live, and its bars.
namespace musicvae {

/// The bars of what was heard, which states `meter`: `bars` from tick 0 on; with 0 as many as it
/// takes.
datasets::Passage to_bars(const midi::Score& heard, const datasets::Grid& grid,
                          const midi::Meter& meter, int bars);

/// `bars` at one tempo, notes that sound past the end cut there. It holds no programs: which sound
/// plays is for whoever stands at the synth.
midi::Playback to_playback(const datasets::Passage& bars, double quarters_per_minute);

}  // namespace musicvae
