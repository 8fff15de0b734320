#pragma once

#include <chrono>
#include <future>

#include "datasets/corpus/windows.hpp"
#include "src/distributed/process_place.hpp"
#include "src/music/music_model.hpp"

namespace musicvae {

/// Makes the next training batch on its own thread while the current one is used.
class BatchLoader {
 public:
  /// Loads the batches from `first_index` on, in their even_order() by rows. It loads only the
  /// passages in `share` of each batch.
  BatchLoader(const MusicModel& model, datasets::Corpus corpus,
              const datasets::WindowOptions& options, const Share& share,
              std::uint64_t first_index);

  models::Batch next();
  /// How long next() has waited, in all.
  double seconds_waited() const { return seconds_waited_; }

 private:
  models::Batch load(std::uint64_t index) const;

  const MusicModel& model_;
  datasets::Corpus corpus_;
  datasets::TrainingWindows windows_;
  Share share_;
  std::uint64_t next_index_;
  double seconds_waited_ = 0;
  std::future<models::Batch> ahead_;  // Last: its task uses the members above.
};

}  // namespace musicvae
