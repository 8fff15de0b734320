#include "src/batch_loader.hpp"

#include <span>

namespace musicvae {

BatchLoader::BatchLoader(const MusicModel& model, datasets::Corpus corpus,
                         const datasets::WindowOptions& options, const Share& share,
                         std::uint64_t first_index)
    : model_(model),
      corpus_(corpus),
      windows_(std::move(corpus), options),
      share_(share),
      next_index_(first_index),
      ahead_(std::async(std::launch::async, [this, first_index] { return load(first_index); })) {}

models::Batch BatchLoader::next() {
  const auto start = std::chrono::steady_clock::now();
  models::Batch batch = ahead_.get();
  seconds_waited_ +=
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  ++next_index_;
  ahead_ = std::async(std::launch::async, [this, index = next_index_] { return load(index); });
  return batch;
}

models::Batch BatchLoader::load(std::uint64_t index) const {
  std::vector<std::vector<datasets::BarRows>> rows;
  const auto windows = windows_.batch(index);
  for (const auto& window : std::span(windows).subspan(static_cast<std::size_t>(share_.first),
                                                       static_cast<std::size_t>(share_.count))) {
    rows.push_back(datasets::rows_of(corpus_, *model_.codec, window));
  }
  return make_batch(model_, rows);
}

}  // namespace musicvae
