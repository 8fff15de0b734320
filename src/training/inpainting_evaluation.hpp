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
#include "src/music/music_model.hpp"
#include "src/training/evaluation.hpp"

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
  int candidates = 1;        ///< Above 1: also the best of as many samples (InpaintingOptions).
  double temperature = 1.0;  ///< Of samples.
  int batch_size = 64;
  std::uint64_t seed = 1;
};

/// A mean over those passages that have the figure.
class Mean {
 public:
  void add(std::optional<double> value);
  std::optional<double> value() const;

 private:
  double sum_ = 0;
  std::int64_t count_ = 0;
};

/// Means over passages, as SketchNet's, unless said otherwise. Where each is defined:
/// datasets/metrics/inpainting_metrics.hpp.
struct FillScores {
  std::int64_t passages = 0;
  Mean accuracy;
  Mean pitch_accuracy;
  Mean rhythm_accuracy;
  Mean rhythm_class_accuracy;
  Mean loss;                    ///< Nats a row, given the true rows before it.
  datasets::RowScore new_bars;  ///< All rows of bars that stand nowhere among the known ones.
  datasets::NoteCounts notes;   ///< Of all passages.
  Mean pitch_class_distance;
  Mean groove_similarity;
  Mean leads_on;  ///< Share of fills; the range of intervals is the whole piece's.

  std::optional<double> note_f1() const;  ///< Of onsets and pitches; nothing for no passages.
};

/// One way to fill gaps.
struct FillEvaluation {
  std::string fill;
  FillScores all;
  std::array<FillScores, 3> by_kind;  ///< By datasets::GapKind.
};

struct InpaintingEvaluation {
  GapLayout gap;
  std::int64_t passages = 0;
  /// copy_bar_before, copy_best_match; of the model teacher_forced (the likeliest row each time,
  /// given the true rows before it), greedy (given its own), sampled, best_of_N.
  std::vector<FillEvaluation> fills;
  /// Share of a gap's rows that differ between samples of two seeds: 0 where z and noise do not
  /// matter.
  Mean distance_between_seeds;
  /// The same between greedy fills, with the true future and with another piece's: 0 where the
  /// future does not matter.
  Mean distance_between_futures;
};

nlohmann::json to_json(const InpaintingEvaluation& evaluation);

/// Fills the same bars of all `windows`, of gap.bars() bars each, all of one length. Throws Error
/// where the model cannot fill gaps, or not in passages as long.
InpaintingEvaluation evaluate_inpainting(const MusicModel& model, const datasets::Corpus& corpus,
                                         const std::vector<datasets::Window>& windows,
                                         const InpaintingEvaluationOptions& options,
                                         const EvaluationProgress& progress = {});

}  // namespace musicvae
