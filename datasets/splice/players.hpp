#pragma once

#include <map>
#include <utility>
#include <vector>

#include "datasets/grid/grid.hpp"

/// The parts of a piece as players, to whom new notes are dealt.
namespace musicvae::datasets {

/// A note of a piece, its onset from the start of its bar.
struct HeardNote {
  GridNote note;
  int bars_away = 0;  ///< From the bar that is cast; 0 where all bars around count alike.
};

/// A part as the music around new notes shows it.
struct PartPlayer {
  std::uint16_t part = 0;
  bool one_line = false;
  std::vector<HeardNote> notes;
  double mean_pitch = 0;  ///< Of `notes`.
  Steps busy_until;       ///< The end of its new notes so far.
  /// What new notes continue, with onsets from where those of new notes count. Where empty, they
  /// keep to the mean pitch.
  std::vector<GridNote> line;
  double cost_of_step = 0;  ///< Semitones that a step between notes of a line counts for.

  /// How badly `note` suits it, in semitones.
  double cost(const GridNote& note) const;
};

PartPlayer make_player(std::uint16_t part, bool one_line, std::vector<HeardNote> notes);
/// The lowest first, as cast_bar() takes them.
void sort_by_pitch(std::vector<PartPlayer>& players);
void sort_by_onset(std::vector<GridNote>& notes);

/// A bar's notes whose parts and velocities are known, by onset and pitch.
using KnownNotes = std::map<std::pair<Steps, std::uint8_t>, GridNote>;

/// Adds a bar's notes, sorted by onset and pitch and with onsets from the bar's start, to `cast`:
/// from `start` on, each with a player's part and a velocity. Notes that are `known` have their
/// own; of the others chords are dealt so that they suit best, without crossing. At least one
/// player.
void cast_bar(const std::vector<GridNote>& notes, Steps start, const KnownNotes& known,
              std::vector<PartPlayer>& players, std::vector<GridNote>& cast);

/// By part, whether no two of its notes in bars that are not `missing` sound at once.
std::vector<bool> one_line_parts(const Passage& music, const std::vector<bool>& missing,
                                 std::size_t parts);

}  // namespace musicvae::datasets
