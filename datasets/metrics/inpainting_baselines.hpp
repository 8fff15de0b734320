#pragma once

#include <span>
#include <vector>

#include "datasets/codecs/codec.hpp"

/// What an inpainter must be better than: missing bars copied from known ones.
///
/// All take a passage's bars and the ascending indices of the missing ones, whose rows are not
/// looked at, and give all bars. A bar is copied to missing bars of its length only; DatasetError
/// is thrown where there is no known bar of that length.
namespace musicvae::datasets {

/// The last known bar before the gap, as often as needed; at the start, the first known one after.
std::vector<BarRows> copy_bar_before(std::span<const BarRows> bars, std::span<const int> missing);

/// For each missing bar the known one whose neighbours resemble the missing bar's most: the sum,
/// over all places around both where both have a known bar, of the share of equal rows, raised to
/// the 8th power, over the distance in bars. Among equals the nearest is taken, then the earlier
/// one.
std::vector<BarRows> copy_best_match(std::span<const BarRows> bars, std::span<const int> missing);

}  // namespace musicvae::datasets
