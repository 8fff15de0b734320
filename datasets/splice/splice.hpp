#pragma once

#include <cstdint>
#include <vector>

#include "datasets/grid/grid.hpp"

/// New bars in an old score.
namespace musicvae::datasets {

/// The parts of `piece` that are no drums, ascending.
std::vector<std::uint16_t> pitched_parts(const Piece& piece);

/// `music` with the notes of `parts` (ascending) alone.
Passage only_parts(Passage music, const std::vector<std::uint16_t>& parts);

/// `score`, in finer ticks where its own do not tell the steps of `grid` apart.
midi::Score fine_enough(const midi::Score& score, const Grid& grid);

/// When the notes of a fill begin and end.
enum class FillTiming {
  kOnGrid,      ///< As the fill says.
  kAsReplaced,  ///< To the tick as the notes that they replace.
};

/// A score with new bars in it.
struct Splice {
  midi::Score score;
  std::size_t written = 0;   ///< Notes of the fill that are in it.
  std::size_t left_out = 0;  ///< Notes of the fill that are not.
};

/// `original`, of which `piece` was made, with what `parts` play in `bars` replaced by the notes of
/// the same bars of `filled`. Both lists ascend; `parts` are pitched.
///
/// A note belongs to the bar in which its onset, on the grid, lies. All else is left as it is, but
/// for the length of notes that sound into a gap, and for the resolution: a file with fewer ticks
/// than the grid has steps gets as many more as hold both. In the fill
/// - onsets and ends are on the grid, rounded to the file's ticks;
/// - a velocity is the median of those that its part has at that place of the bars around;
/// - notes go to the parts that play there, each as near as can be to its mean pitch, a chord
///   without crossing, a part of one line to one note at a time where others will do; where a
///   track has gone to another port, its part there plays.
///
/// Parts are one line where no two of their notes sound at once: all of `parts` together if the
/// known bars of `filled` are one line, else each part that is one by itself. They stay one line
/// across a gap's edges. A note that sounds into the gap ends at the fill's first onset; the fill
/// ends at the next known onset, or at the gap's end if nothing sounded across it before. In other
/// parts notes ring on, but end where their part strikes their pitch again. What a part strikes
/// twice at once is written once.
///
/// With FillTiming::kAsReplaced every replaced note stays but for its pitch, which it has from the
/// fill's notes of its step, or of the nearest step at which the fill has any: the highest from the
/// highest, and the lowest of them again where there are fewer. A note is shorter than the one it
/// replaces only where its part strikes the new pitch again while it sounds. If the fill has no
/// notes at all, the replaced ones are left out.
///
/// Throws DatasetError where `filled`, `bars` or `parts` are not those of `piece`.
Splice replace_bars(const midi::Score& original, const Piece& piece, const std::vector<int>& bars,
                    const Passage& filled, const std::vector<std::uint16_t>& parts,
                    FillTiming timing = FillTiming::kOnGrid);

}  // namespace musicvae::datasets
