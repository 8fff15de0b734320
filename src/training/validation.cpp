#include "src/training/validation.hpp"

#include <algorithm>
#include <utility>

#include <torch/utils.h>

#include "datasets/tensors/tensors.hpp"
#include "models/objective/loss.hpp"
#include "src/music/generation.hpp"
#include "src/music/music_model.hpp"

namespace musicvae {
namespace {

constexpr std::size_t kMaxWindows = 256;

// Stream of the run's generator; a batch's first window is added.
constexpr std::uint64_t kValidationNoise = 2ULL << 40;

std::vector<datasets::Window> windows_of(const datasets::Corpus& corpus, int bars) {
  const auto all = datasets::consecutive_windows(corpus, datasets::Split::kValidation, bars);
  if (all.size() <= kMaxWindows) return all;
  std::vector<datasets::Window> some;
  for (std::size_t i = 0; i < kMaxWindows; ++i) some.push_back(all[i * all.size() / kMaxWindows]);
  return some;
}

}  // namespace

Validation::Validation(const MusicModel& model, datasets::Corpus corpus,
                       const TrainingOptions& options, const Distributed& processes)
    : model_(model),
      corpus_(std::move(corpus)),
      options_(options),
      processes_(processes),
      windows_(windows_of(corpus_, model.bars())) {}

models::ElboMeter Validation::measure() const {
  return models::ElboMeter(processes_.sum(measure_share().sums()));
}

/// Batches are dealt round-robin; this is our share.
models::ElboMeter Validation::measure_share() const {
  const torch::NoGradGuard no_grad;
  const bool gaps = model_.network->inpaints() && options_.gap_share > 0;
  // A prior both goes on and fills gaps, in the share in which it is trained.
  const double share = model_.network->has_bar_latents() ? options_.gap_share : 1.0;
  auto loss_options = musicvae::loss_options(options_);
  loss_options.gap_share = gaps ? share : 0.0;
  models::ElboMeter meter;
  const auto size = static_cast<std::size_t>(options_.batch_size);
  const auto processes = static_cast<std::size_t>(processes_.size());
  for (auto first = static_cast<std::size_t>(processes_.rank()) * size; first < windows_.size();
       first += processes * size) {
    std::vector<std::vector<datasets::BarRows>> rows;
    for (std::size_t i = first; i < std::min(first + size, windows_.size()); ++i) {
      rows.push_back(datasets::rows_of(corpus_, *model_.codec, windows_[i]));
    }
    meter.add(models::compute_loss(*model_.network, make_batch(model_, rows), loss_options,
                                   make_generator(options_.seed, kValidationNoise + first)));
  }
  return meter;
}

}  // namespace musicvae
