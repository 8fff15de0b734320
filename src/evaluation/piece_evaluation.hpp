#pragma once

#include <cstddef>
#include <span>

#include <nlohmann/json.hpp>

#include "datasets/metrics/note_metrics.hpp"
#include "src/evaluation/mean.hpp"
#include "src/evaluation/progress.hpp"
#include "src/music/musicvae.hpp"

/// How much of a whole piece a model gives back.
namespace musicvae {

/// Scores of pieces that were encoded to their posterior means and decoded at temperature 0. All
/// compare with the notes of the pieces on their grid, including those that the codec cannot say.
struct PieceEvaluation {
  std::size_t pieces = 0;
  std::size_t bars = 0;
  Mean note_f1_onset_pitch;
  Mean note_f1_duration;       ///< Where durations must match as well.
  datasets::NoteCounts notes;  ///< Summed over pieces, for the same F1 over all notes.
  Mean key_kept;               ///< Whether find_key() finds the same, where the piece has a key.
  Mean pitch_class_distance;   ///< By durations.
  datasets::Dropped dropped;   ///< What the codec could not say.
};

/// The figures in the order in which they are read.
nlohmann::ordered_json to_json(const PieceEvaluation& evaluation);

/// Throws Error where a piece has a bar that the model's codec cannot encode.
PieceEvaluation evaluate_pieces(const MusicVae& model, std::span<const datasets::Passage> pieces,
                                const EvaluationProgress& progress = {});

}  // namespace musicvae
