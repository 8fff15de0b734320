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

/// A piece of music as it was read.
struct ReadResult {
  Score score;
  std::vector<Warning> warnings;  ///< At most kMaxWarnings in a file; the last then says how many
                                  ///< more.
  std::size_t note_ons = 0;       ///< Note-on messages with a velocity above 0.
  std::size_t sequence = 1;       ///< The number of this piece among those of its file.
  std::size_t end = 0;            ///< Byte offset after its last track.
};

inline constexpr std::size_t kMaxWarnings = 100;

/// Reads a Standard MIDI File (RP-001; formats 0, 1 and 2, bare or in a RIFF RMID wrapper): its
/// pieces, at least one. In formats 0 and 1 all tracks are one piece. In format 2 each track is a
/// sequence, a piece of its own with its own tempos, meters and keys; those without notes are left
/// out unless all are silent. Linear in `bytes`; allocates nothing on the file's word. Throws
/// MidiError with the byte offset on what cannot be music.
std::vector<ReadResult> read_midi_sequences(std::span<const std::byte> bytes,
                                            const ReadOptions& options = {});

/// The one piece of a file. Throws MidiError with their numbers where there are several.
ReadResult read_midi(std::span<const std::byte> bytes, const ReadOptions& options = {});

/// As above, from a file; "-" is standard input. A SequencePath such as "piece.mid#2" names one
/// sequence. Errors name the file; throws Error where it cannot be read from the disk.
std::vector<ReadResult> read_midi_sequences_file(const std::filesystem::path& path,
                                                 const ReadOptions& options = {});
ReadResult read_midi_file(const std::filesystem::path& path, const ReadOptions& options = {});

/// The sequence with this number. Throws MidiError where there is none.
ReadResult take_sequence(std::vector<ReadResult> sequences, std::size_t number);

}  // namespace musicvae::midi
