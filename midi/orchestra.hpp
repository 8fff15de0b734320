#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "midi/score.hpp"

/// Who plays in a Score. Programs, banks, drums and names belong to a channel of a port, whichever
/// track sets them, and hold for every track that plays on it.
namespace musicvae::midi {

/// The notes of one track on one channel.
struct Voice {
  std::size_t track = 0;
  std::uint8_t port = 0;     ///< What the track's last port event (meta 0x21) says, else 0.
  std::uint8_t channel = 0;  ///< 0-15.
  std::uint8_t program = 0;  ///< In force at the first note; 0 where none is set.
  bool drums = false;        ///< At the first note, pitches name instruments.
  std::string name;          ///< The channel's in this track, else the track's, else the channel's.

  bool operator==(const Voice&) const = default;
};

/// A program that notes of a channel sound with, and the bank that it is in.
struct ProgramChange {
  Ticks time;  ///< Onset of the first of these notes.
  std::uint8_t port = 0;
  std::uint8_t channel = 0;
  std::uint8_t program = 0;
  std::uint8_t bank_msb = 0;  ///< Controller 0.
  std::uint8_t bank_lsb = 0;  ///< Controller 32.

  bool operator==(const ProgramChange&) const = default;
};

struct Orchestra {
  std::vector<Voice> voices;            ///< By track, then channel.
  std::vector<ProgramChange> programs;  ///< By time.

  bool operator==(const Orchestra&) const = default;
};

/// Who plays in `score`, and with what.
///
/// Channel 10 plays drums and others do not, unless a part mode of GS or XG says otherwise, or the
/// bank of the program: 120 (GM2), 126 and 127 (XG) are drums; 121 (GM2), and any other in XG, are
/// not. After a GS reset banks do not tell, as they are variations there. A name that follows a
/// channel prefix (meta 0x20) is that channel's, up to the next event of a channel.
Orchestra find_orchestra(const Score& score);

}  // namespace musicvae::midi
