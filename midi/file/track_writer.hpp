#pragma once

#include <span>
#include <string>
#include <vector>

#include "midi/score.hpp"

namespace musicvae::midi {

/// The tracks of `score` with its tempos, meters and keys as meta events at their places. Those of
/// tracks that are not there come into the first, which is made up if need be. Throws MidiError on
/// values that a file cannot hold.
std::vector<Track> with_changes(const Score& score);

/// The data of one track chunk that holds the events of `tracks` in the order of merge_events() and
/// an end-of-track event. Channel statuses run on. Throws MidiError on values that a file cannot
/// hold.
std::string encode_track(std::span<const Track> tracks);

}  // namespace musicvae::midi
