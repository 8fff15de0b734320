#pragma once

#include <vector>

#include "datasets/grid/grid.hpp"

/// Room for new bars beside those of a score.
namespace musicvae::datasets {

/// A score, its piece, and which bars of it are new and silent: indices, ascending.
struct Extension {
  midi::Score score;
  Piece piece;
  std::vector<int> bars;
};

/// `count` silent bars after the last in which something sounds, in the meter that is in force
/// there; silent bars that the piece has already are among them. Where the music slowed down or
/// sped up before its end, the tempo that lasted longest comes back.
///
/// Throws DatasetError where the piece is silent or would be too long, or its meter is off the
/// grid.
Extension with_bars_after(const midi::Score& score, const Piece& piece, int count);

/// `count` silent bars before the first one, in its meter. All that was in the score comes so much
/// later, but for what a track says at its very start of its name, its sounds, the tempo and the
/// key. Throws as with_bars_after() does.
Extension with_bars_before(const midi::Score& score, const Piece& piece, int count);

}  // namespace musicvae::datasets
