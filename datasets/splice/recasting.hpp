#pragma once

#include "datasets/grid/grid.hpp"

/// Whole pieces of new music in the parts of an old one.
namespace musicvae::datasets {

/// `music` with each pitched note in a part of `piece`, and as loud as that part is there. The bars
/// of the music are those of the piece, which begins again where it ends.
///
/// A note that the piece has at the same place has the part and the velocity that it has there. Any
/// other goes to the part that plays the nearest note, in pitch and in time, within a bar; chords
/// are dealt without crossing, and a part of one line has one note at a time where others will do.
/// Its velocity is the median of those that its part has at that place of a bar: of the nearest bar
/// with any, up to four bars away. Where nothing is played there, the nearest bars with notes
/// count.
///
/// Where the piece has no pitched notes, the music stays as it is. So do its drums.
Passage cast_parts(const Passage& music, const Piece& piece);

}  // namespace musicvae::datasets
