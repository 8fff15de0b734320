#pragma once

#include <array>
#include <vector>

#include "datasets/grid/grid.hpp"

namespace musicvae::datasets {

/// Where a part of a Piece is in its Score.
struct PartPlace {
  std::size_t track = 0;
  std::uint8_t channel = 0;
};

/// The places of all parts, in the order of Piece::parts: track by track, each channel that has
/// notes. Throws DatasetError on more than 65536.
std::vector<PartPlace> part_places(const midi::Score& score);

/// The part of each channel of a track; 0 where it has none.
std::array<std::uint16_t, 16> parts_of_track(const std::vector<PartPlace>& places,
                                             std::size_t track);

}  // namespace musicvae::datasets
