#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "midi/score.hpp"

/// Who plays in a Score. Programs, banks, drums and names belong to a channel of a port, whichever
/// track sets them, and hold for every track that plays on it.
namespace musicvae::midi {

/// The notes of one track on one channel of a port.
struct Voice {
  std::size_t track = 0;
  std::uint8_t port = 0;     ///< As the track's port events (meta 0x21) say, else 0.
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
  std::vector<Voice> voices;            ///< By track, then port, then channel.
  std::vector<ProgramChange> programs;  ///< By time.

  bool operator==(const Orchestra&) const = default;
};

/// Who plays in `score`, and with what.
///
/// Channel 10 plays drums and others do not, unless a part mode of GS or XG says otherwise, or the
/// bank of the program, as bank_has_drums() tells. A track that goes to another port has a voice on
/// each. A name that follows a channel prefix (meta 0x20) is that channel's, up to the next event
/// of a channel.
Orchestra find_orchestra(const Score& score);

}  // namespace musicvae::midi
