#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <vector>

#include "datasets/codecs/codec.hpp"

/// What music between pieces has of each: how many notes, row by row, and of which pitch classes.
namespace musicvae {

/// How many notes of each bar have begun by the end of each of its rows.
using NotesBegun = std::vector<std::vector<double>>;

/// Those of `music` as a codec of bits has them, which merges unisons. There are none where rows
/// are tokens, which constraints do not count.
NotesBegun notes_begun(const datasets::Codec& codec, const datasets::Passage& music);

/// A bar of notes begun, and how much it counts among others.
struct WeightedBar {
  const std::vector<double>* begun = nullptr;
  double weight = 0;
};

/// The weighted mean of bars in a bar of `rows` rows; bars of other lengths are compared by shares
/// of them. Empty, so that nothing is asked, where one bar counts alone, or none has rows.
std::vector<double> notes_between(std::span<const WeightedBar> bars, std::size_t rows);

/// A number for each pitch class, C first.
using PitchClasses = std::array<double, 12>;

/// The share of each pitch class among the notes of `music`; zeros where it has none.
PitchClasses pitch_class_shares(const datasets::Passage& music);

/// How much the log-odds of each pitch class rise in music between pieces that have these shares.
/// Classes that no piece has become rare, as a network that is unsure between pieces strays from
/// all. `weights`, one for each piece, are 1 in all; nothing rises where one is 1.
PitchClasses leaning_between(std::span<const PitchClasses> shares, std::span<const double> weights);

}  // namespace musicvae
