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

/// `original`, of which `piece` was made, with what `parts` play in `bars` replaced by the notes of
/// the same bars of `filled`. Both lists ascend; `parts` are pitched.
///
/// A note belongs to the bar in which its onset, on the grid, lies. All else is left as it is, but
/// for the length of notes that sound into a gap. In the fill
/// - onsets and ends are on the grid, rounded to the file's ticks;
/// - a velocity is the median of those that its part has at that place of the bars around;
/// - notes go to the parts that play there, each as near as can be to its mean pitch, a chord
///   without crossing, a part of one line to one note at a time where others will do.
///
/// Parts are one line where no two of their notes sound at once: all of `parts` together if the
/// known bars of `filled` are one line, else each part that is one by itself. They stay one line
/// across a gap's edges. A note that sounds into the gap ends at the fill's first onset; the fill
/// ends at the next known onset, or at the gap's end if nothing sounded across it before. In other
/// parts notes ring on, but end where the channel strikes their pitch again; notes of the fill that
/// cannot be told from notes that must stay are left out.
///
/// Throws DatasetError where `filled`, `bars` or `parts` are not those of `piece`.
midi::Score replace_bars(const midi::Score& original, const Piece& piece,
                         const std::vector<int>& bars, const Passage& filled,
                         const std::vector<std::uint16_t>& parts);

}  // namespace musicvae::datasets
