#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "midi/error.hpp"
#include "midi/score.hpp"

namespace musicvae::midi {

struct ReadOptions {
  bool strict = false;  ///< Every warning becomes a MidiError.
};

/// Something a well-formed file would not hold, and what the reader made of it.
struct Warning {
  std::size_t offset = 0;  ///< Byte offset in the file.
  std::string message;
};

struct ReadResult {
  Score score;
  std::vector<Warning> warnings;  ///< At most kMaxWarnings; the last then says how many more.
  std::size_t note_ons = 0;       ///< Note-on messages with a velocity above 0.
};

inline constexpr std::size_t kMaxWarnings = 100;

/// Reads a Standard MIDI File (RP-001; formats 0, 1 and 2, bare or in a RIFF RMID wrapper).
/// Linear in `bytes`; allocates nothing on the file's word. Throws MidiError with the byte offset
/// on what cannot be music.
ReadResult read_midi(std::span<const std::byte> bytes, const ReadOptions& options = {});

/// As above, from a file; "-" is standard input. Errors name the file; throws Error where it cannot
/// be read from the disk.
ReadResult read_midi_file(const std::filesystem::path& path, const ReadOptions& options = {});

}  // namespace musicvae::midi
