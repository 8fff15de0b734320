#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "datasets/codecs/codec.hpp"

namespace musicvae {

/// How many notes of each bar have begun by the end of each of its rows.
using NotesBegun = std::vector<std::vector<double>>;

/// Those of `music` as a codec of bits has them, who merges unisons. Empty where rows are tokens,
/// as constraints do not count these.
NotesBegun notes_begun(const datasets::Codec& codec, const datasets::Passage& music);

/// A bar of notes begun, and how much it counts among others.
struct WeightedBar {
  const std::vector<double>* begun = nullptr;
  double weight = 0;
};

/// The weighted mean of bars in a bar of `rows` rows; bars of other lengths are compared by shares
/// of them. Empty, so that nothing is asked, where one bar counts alone, or none has rows.
std::vector<double> notes_between(std::span<const WeightedBar> bars, std::size_t rows);

}  // namespace musicvae
