#pragma once

#include <array>
#include <optional>

#include "datasets/grid/grid.hpp"

/// Which of the twelve pitch classes a passage uses. Octaves and drums do not count.
namespace musicvae::datasets {

/// What a note counts for in a histogram.
enum class NoteWeight {
  kOnset,     ///< 1, however long it sounds.
  kDuration,  ///< Its steps.
};

/// Shares of the pitch classes from C up, with a sum of 1; all 0 for silence.
using PitchClassShares = std::array<double, 12>;
PitchClassShares pitch_class_shares(const Passage& passage, NoteWeight weight);

/// Half the L1 distance between the shares: 0 for the same, 1 for none in common, or where one side
/// alone is silent.
double pitch_class_distance(const Passage& a, const Passage& b, NoteWeight weight);

/// MusDr's pitch-class histogram entropy (Wu and Yang, ISMIR 2020) over all onsets, in bits: 0 for
/// one pitch class, log2(12) for all twelve alike. Nothing for silence.
std::optional<double> pitch_class_entropy(const Passage& passage);

/// The scale consistency of C-RNN-GAN (Mogren, 2016): the largest share of the notes that one of
/// the twelve major scales holds. Nothing for silence.
std::optional<double> best_scale_share(const Passage& passage);

}  // namespace musicvae::datasets
