#pragma once

#include <cstdint>
#include <vector>

#include <nlohmann/json.hpp>

#include "datasets/corpus/windows.hpp"
#include "src/evaluation/progress.hpp"
#include "src/music/music_model.hpp"

namespace musicvae {

struct EvaluationOptions {
  int batch_size = 64;
  double temperature = 1.0;  ///< For the sampled reconstruction; the paper's table uses 1.
  bool reconstruct = true;   ///< Sample and compare, besides teacher forcing.
  std::uint64_t seed = 1;
};

/// Metrics over a set of passages. Those of rows and bits are defined in
/// models/objective/metrics.hpp, those of notes in datasets/metrics/note_metrics.hpp.
struct Evaluation {
  std::int64_t passages = 0;
  std::int64_t rows = 0;
  double teacher_forced_accuracy = 0;  ///< Share of rows predicted from z and the true rows before.
  double reconstruction_accuracy = 0;  ///< Share of rows sampled right from z alone.
  double greedy_accuracy = 0;          ///< The same, taking the likeliest row each time.
  double note_f1_onset_pitch = 0;      ///< Notes of the greedy reconstruction.
  double note_f1_duration = 0;         ///< The same, where durations must match as well.
  double bits_per_row = 0;             ///< -log2 p(row | z, rows before), z sampled.
  double kl_bits = 0;                  ///< Mean over passages.
  double elbo_bits = 0;                ///< Mean over passages; at most 0.
  std::int64_t active_units = 0;
};

nlohmann::json to_json(const Evaluation& evaluation);

/// Evaluates `model` on `windows` of `corpus`. Reconstructions are made from posterior means, the
/// ELBO from one sample of z.
Evaluation evaluate(const MusicModel& model, const datasets::Corpus& corpus,
                    const std::vector<datasets::Window>& windows, const EvaluationOptions& options,
                    const EvaluationProgress& progress = {});

}  // namespace musicvae
