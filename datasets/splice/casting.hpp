#pragma once

#include <vector>

#include "datasets/grid/grid.hpp"

/// Who plays a fill, and how loud.
namespace musicvae::datasets {

/// A run of missing bars.
struct Gap {
  int first = 0;  ///< Bar of the piece.
  int end = 0;    ///< The bar after the last.
  Steps start;    ///< From the start of the piece.
  Steps stop;
};

/// The runs of bars that are `missing`, by bar of `music`.
std::vector<Gap> find_gaps(const Passage& music, const std::vector<bool>& missing);

/// What is known and what is to be filled of a piece.
struct Filling {
  const Passage& music;
  std::vector<bool> missing;         ///< By bar.
  std::vector<std::uint16_t> parts;  ///< The parts that are filled.
  std::vector<bool> one_line;        ///< By part of the piece: never two known notes at once.
};

/// The notes of `filled` in a gap by onset, from the start of the piece, each with a part and a
/// velocity like those of the music around, as replace_bars() describes it.
std::vector<GridNote> cast_fill(const Filling& filling, const Gap& gap, const Passage& filled);

}  // namespace musicvae::datasets
