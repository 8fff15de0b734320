#pragma once

#include <span>
#include <string>

#include "midi/score.hpp"

namespace musicvae::midi {

/// The data of one track chunk that holds the events of `tracks` in the order of merge_events(),
/// the tempos, meters and keys of `changes` unless that is null, and an end-of-track event. Changes
/// come after the notes that end at their tick and before all else. Channel statuses run on. Throws
/// MidiError on values that a file cannot hold.
std::string encode_track(std::span<const Track> tracks, const Score* changes);

}  // namespace musicvae::midi
