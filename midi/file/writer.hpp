#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <vector>

#include "midi/score.hpp"

namespace musicvae::midi {

struct WriteOptions {
  /// The Score's own format unless given. 0 merges all tracks into one, which
  /// tracks of several ports cannot be.
  std::optional<int> format;
};

/// A Standard MIDI File. Reading it back gives the same Score for every Score that has come from a
/// reader, and for any other that
/// - keeps its lists in the order that Score and Track promise, with no two tempos, meters or keys
///   at one time, and lets the first track last as long as these do (they are written there);
/// - ends notes of one channel and pitch in the order of their onsets, as the reader pairs them;
/// - has one track in format 0, at most one in format 2, and at least one if there is a tempo, a
///   meter or a key;
/// - holds no empty text (type 1) among its metas, and no places but those that a TickOrder gives.
/// Throws MidiError on values that a file cannot hold (a negative time, a pitch above 127).
std::vector<std::byte> write_midi(const Score& score, const WriteOptions& options = {});

/// As above, to a file, by write_or_keep(); "-" is standard output.
void write_midi_file(const Score& score, const std::filesystem::path& path,
                     const WriteOptions& options = {});

}  // namespace musicvae::midi
