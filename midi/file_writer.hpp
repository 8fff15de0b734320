#pragma once

#include <cstddef>
#include <filesystem>
#include <vector>

#include "midi/score.hpp"

namespace musicvae::midi {

struct WriteOptions {
  int format = 1;  ///< 1, or 0 to merge all tracks into one.
};

/// A Standard MIDI File. Reading it back gives the same Score. Throws MidiError on values that a file
/// cannot hold (negative times, a pitch above 127).
std::vector<std::byte> write_midi(const Score& score, const WriteOptions& options = {});

/// As above, to a file, whole or not at all (temporary file, fsync, rename); "-" is standard output.
void write_midi_file(const Score& score, const std::filesystem::path& path,
                     const WriteOptions& options = {});

}  // namespace musicvae::midi
