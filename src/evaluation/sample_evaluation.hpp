#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include <nlohmann/json.hpp>

#include "src/evaluation/mean.hpp"
#include "src/evaluation/progress.hpp"
#include "src/music/musicvae.hpp"

/// Whether new music has the figures of the data, and is no copy of it.
namespace musicvae {

/// Means over passages; those of single bars, over all bars that have another to be compared with.
struct MusicFigures {
  std::size_t passages = 0;
  Mean pitch_class_entropy;  ///< In bits; see datasets/metrics/pitch_classes.hpp.
  Mean best_scale_share;
  Mean notes_per_bar;  ///< This and the next two: see datasets/metrics/bar_figures.hpp.
  Mean repeated_bars;
  Mean silent_bars;
  /// 1 less the largest note F1 (onset and pitch) with any bar of the data of the same meter: see
  /// datasets/metrics/nearest_bar.hpp.
  Mean distance_to_nearest_bar;
  Mean copied_bars;  ///< Share of the bars whose distance is 0.
};

/// Samples beside the data. The data's own bars are compared with those of other pieces.
struct SampleEvaluation {
  MusicFigures samples;
  MusicFigures data;
};

/// The figures in the order in which they are read.
nlohmann::ordered_json to_json(const MusicFigures& figures);

/// `count` pieces in the bars of `layout`, drawn sixteen at a time: the first sixteen are those
/// that model.sample() gives.
std::vector<datasets::Passage> sample_pieces(const MusicVae& model, int count,
                                             const datasets::Passage& layout,
                                             const GenerationOptions& options,
                                             const EvaluationProgress& progress = {});

/// Each piece cut into passages of `bars` bars, from every run of whole bars; what is left of a run
/// is not taken.
std::vector<datasets::Passage> whole_bar_passages(const datasets::Passage& piece, int bars);

/// The passages of a piece that are as long as the sample and in the meter of its first bar.
std::vector<datasets::Passage> passages_like(const datasets::Passage& sample,
                                             const datasets::Passage& piece);

/// Compares samples with the pieces, and with their passages that are like the first sample.
SampleEvaluation evaluate_samples(std::span<const datasets::Passage> samples,
                                  std::span<const datasets::Passage> pieces,
                                  const EvaluationProgress& progress = {});

}  // namespace musicvae
