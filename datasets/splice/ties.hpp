#pragma once

#include <vector>

#include "datasets/splice/casting.hpp"

/// Notes that sound across the edges of a gap.
namespace musicvae::datasets {

/// A note of a Score with its place.
struct ScoreNote {
  midi::Note note;
  std::size_t track = 0;
  std::uint16_t part = 0;
  Steps onset;  ///< On the grid, from the start of the piece.

  midi::Ticks end() const { return note.onset + note.duration; }
  void end_by(midi::Ticks time) { midi::end_by(note, time); }
};

/// A score's notes, told apart by what the fill does to them; each list by track, then onset.
struct SplicedNotes {
  std::vector<ScoreNote> kept;
  std::vector<ScoreNote> removed;
  std::vector<ScoreNote> fill;
};

/// Which parts are filled, and which of these are one line between them.
struct Lines {
  static constexpr int kNotFilled = -2;
  static constexpr int kPolyphonic = -1;

  std::vector<int> of_part;  ///< The number of its line, or one of the above.
};

/// A gap in the file's ticks.
struct TickGap {
  Steps start;
  midi::Ticks stop;
};

/// Ends the notes of a part where it strikes their pitch again. A note of the fill that is struck
/// twice at once is left once.
void resolve_repeats(SplicedNotes& notes);

/// In parts of one line, cuts kept notes that sound into the fill, and the fill where it sounds
/// into kept notes, as replace_bars() describes it.
void resolve_lines(SplicedNotes& notes, const std::vector<TickGap>& gaps, const Lines& lines);

}  // namespace musicvae::datasets
