#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "datasets/corpus/windows.hpp"
#include "datasets/metrics/inpainting_metrics.hpp"
#include "datasets/metrics/note_metrics.hpp"
#include "src/evaluation/mean.hpp"
#include "src/evaluation/progress.hpp"
#include "src/music/music_model.hpp"

/// How well a model fills missing bars, beside fills copied from known bars.
namespace musicvae {

/// A passage with a gap in it. SketchNet's task (Chen et al., ISMIR 2020) is the default.
struct GapLayout {
  int past = 6;
  int missing = 4;
  int future = 6;

  int bars() const { return past + missing + future; }
  std::vector<int> missing_bars() const;
};

struct InpaintingEvaluationOptions {
  GapLayout gap;
  int candidates = 1;        ///< Above 1, the best of so many samples is scored too.
  double temperature = 1.0;  ///< For the sampled fills.
  int batch_size = 64;
  std::uint64_t seed = 1;
};

/// Scores of fills, as means over passages unless said otherwise. This is how SketchNet's authors
/// score. Each is defined in datasets/metrics/inpainting_metrics.hpp.
struct FillScores {
  std::int64_t passages = 0;
  Mean accuracy;
  Mean pitch_accuracy;
  Mean rhythm_accuracy;
  Mean rhythm_class_accuracy;
  Mean loss;                    ///< Nats a row, given the true rows before it.
  datasets::RowScore new_bars;  ///< Rows of the missing bars that equal no known bar.
  datasets::NoteCounts notes;   ///< Summed over passages.
  Mean pitch_class_distance;
  Mean groove_similarity;
  Mean leads_on;  ///< Share of fills that lead on, by the whole piece's intervals.

  std::optional<double> note_f1() const;  ///< By onset and pitch; nothing without passages.
};

/// One way to fill gaps.
struct FillEvaluation {
  std::string fill;
  FillScores all;
  std::array<FillScores, 3> by_kind;  ///< Indexed by datasets::GapKind.
};

struct InpaintingEvaluation {
  GapLayout gap;
  std::int64_t passages = 0;
  /// Copies are copy_bar_before and copy_best_match. The model's fills are teacher_forced (the
  /// likeliest row each time, given the true rows before it), greedy (the likeliest row given the
  /// model's own rows), sampled and best_of_N.
  std::vector<FillEvaluation> fills;
  /// Share of a gap's rows that differ between samples of two seeds: 0 where z and noise do not
  /// matter.
  Mean distance_between_seeds;
  /// Share of a gap's rows that differ between two greedy fills, one with the true future and one
  /// with another piece's: 0 where the future does not matter.
  Mean distance_between_futures;
};

nlohmann::json to_json(const InpaintingEvaluation& evaluation);

/// Fills the same bars of all `windows`. Each window has gap.bars() bars, all of one length. Throws
/// Error where the model cannot fill gaps, or not in passages of that length.
InpaintingEvaluation evaluate_inpainting(const MusicModel& model, const datasets::Corpus& corpus,
                                         const std::vector<datasets::Window>& windows,
                                         const InpaintingEvaluationOptions& options,
                                         const EvaluationProgress& progress = {});

}  // namespace musicvae
