#include "src/training/batch_loader.hpp"

#include <numeric>
#include <utility>
#include <vector>

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
  std::vector<std::vector<datasets::BarRows>> whole;
  std::vector<std::int64_t> sizes;
  for (const auto& window : windows_.batch(index)) {
    whole.push_back(datasets::rows_of(corpus_, *model_.codec, window));
    const auto add = [](std::int64_t rows, const auto& bar) { return rows + bar.rows; };
    sizes.push_back(
        std::accumulate(whole.back().begin(), whole.back().end(), std::int64_t{0}, add));
  }
  const auto order = even_order(sizes);
  std::vector<std::vector<datasets::BarRows>> ours;
  for (std::int64_t i = share_.first; i < share_.first + share_.count; ++i) {
    ours.push_back(std::move(whole[order[static_cast<std::size_t>(i)]]));
  }
  return make_batch(model_, ours);
}

}  // namespace musicvae
