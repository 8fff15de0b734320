#pragma once

#include <vector>

#include "datasets/corpus/corpus.hpp"
#include "datasets/corpus/windows.hpp"
#include "models/objective/metrics.hpp"
#include "src/distributed/distributed.hpp"
#include "src/music/music_model.hpp"
#include "src/training/training_options.hpp"

namespace musicvae {

/// What a run is judged by between its steps: at most 256 windows of the corpus's validation
/// pieces, evenly spread, with the same noise each time.
class Validation {
 public:
  /// Keeps references to all but `corpus`.
  Validation(const MusicModel& model, datasets::Corpus corpus, const TrainingOptions& options,
             const Distributed& processes);

  /// Whether there is nothing to judge by.
  bool empty() const { return windows_.empty(); }
  /// The loss under the final weight of the KL. All processes share the work.
  models::ElboMeter measure() const;

 private:
  models::ElboMeter measure_share() const;

  const MusicModel& model_;
  datasets::Corpus corpus_;
  const TrainingOptions& options_;
  const Distributed& processes_;
  std::vector<datasets::Window> windows_;
};

}  // namespace musicvae
