#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "datasets/grid/grid.hpp"
#include "midi/text.hpp"

/// Which bars and which voice of a piece a user means.
namespace musicvae {

/// Bars by their numbers: from 1, as a DAW counts them; a guessed upbeat is bar 0.
struct BarSelection {
  struct Range {
    int first = 0;
    int last = 0;
  };
  std::vector<Range> ranges;
  bool empty_bars = false;  ///< Bars in which nothing sounds are selected too.
};

/// Reads "5-8,13" or "empty". Throws Error on anything else.
BarSelection parse_bars(const std::string& text);

/// Indices of the selected bars of `piece`: ascending, at least one. Empty bars are those in which
/// nothing of `music` sounds; `music` has the same bars as the piece. Throws Error where the piece
/// has no such bar.
std::vector<int> select_bars(const BarSelection& selection, const datasets::Piece& piece,
                             const datasets::Passage& music);

/// The part that is called `name`, or has it as its number, counted from 1. Names are in
/// `text_encoding`, as midi::decode_text() takes it, and may be given as they are shown. Throws
/// Error with a list of the parts where none or several fit, or the part is drums.
std::uint16_t select_part(const datasets::Piece& piece, const std::string& name,
                          const std::string& text_encoding = midi::kGuessedEncoding);

/// The pitched parts of `piece` without chords that lie beneath a tune, ascending.
///
/// A part is chords if half of its onsets strike several notes, and a tune if not one in ten does.
/// Chords lie beneath a tune if their mean pitch is lower. All pitched parts where there is no
/// tune.
std::vector<std::uint16_t> parts_above_chords(const datasets::Piece& piece);

/// The parts that a fill of the selected bars is for if none is named, ascending: the pitched ones,
/// without chords beneath a tune if these sound in any of the bars. Throws as select_bars() does.
std::vector<std::uint16_t> select_parts(const BarSelection& selection,
                                        const datasets::Piece& piece);

}  // namespace musicvae
