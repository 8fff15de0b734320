#pragma once

#include "datasets/grid/grid.hpp"

namespace musicvae::datasets {

/// Matches between two passages' notes.
struct NoteCounts {
  std::size_t reference = 0;
  std::size_t estimated = 0;
  std::size_t onset_pitch = 0;           ///< Same bar, step and pitch.
  std::size_t onset_pitch_duration = 0;  ///< And the same duration in steps.

  NoteCounts& operator+=(const NoteCounts& other);
};

struct PrecisionRecall {
  double precision = 0;
  double recall = 0;
  double f1 = 0;  ///< Harmonic mean; 1 where both sides are empty.
};

/// Counts notes of `estimated` that stand in `reference`, each matched at most once, parts ignored.
/// The note metrics of PianoTree VAE (Wang et al., ISMIR 2020) on a shared grid.
NoteCounts count_matches(const Passage& reference, const Passage& estimated);
PrecisionRecall onset_pitch_score(const NoteCounts& counts);
PrecisionRecall onset_pitch_duration_score(const NoteCounts& counts);

}  // namespace musicvae::datasets
