#pragma once

#include <cstddef>
#include <string_view>

#include "midi/file/warning_log.hpp"
#include "midi/score.hpp"

namespace musicvae::midi {

/// The header chunk of a Standard MIDI File, and where the music lies among the bytes.
struct SmfHeader {
  int format = 1;
  std::size_t tracks = 0;  ///< What the header claims.
  Division division;
  std::size_t offset = 0;        ///< Offset of the header chunk itself.
  std::size_t first_chunk = 0;   ///< Offset of the chunk after it.
  std::size_t end_of_music = 0;  ///< Offset after the last chunk, at most the size of the file.
};

/// Finds the header at the start, in a RIFF RMID wrapper, or, with a warning, after other bytes.
/// Throws MidiError where there is none.
SmfHeader read_smf_header(std::string_view file, WarningLog& warnings);

}  // namespace musicvae::midi
