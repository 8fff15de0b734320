#include "src/training/training_step.hpp"

#include <string>

#include "models/objective/elbo.hpp"
#include "models/objective/loss.hpp"
#include "src/music/generation.hpp"

namespace musicvae {
namespace {

// Stream of the run's generator; the step is added.
constexpr std::uint64_t kTrainingNoise = 1ULL << 40;

}  // namespace

TrainingStep::TrainingStep(models::Model& network, const TrainingOptions& options,
                           const Distributed& processes)
    : network_(network),
      options_(options),
      processes_(processes),
      share_(processes.share(options.batch_size)),
      optimizer_(network),
      gradients_(network.parameters(), processes),
      first_bad_(torch::full({}, -1, optimizer_.on_device().dtype(torch::kInt64))) {}

models::ElboMeter TrainingStep::take(const models::Batch& batch, std::int64_t step) {
  const auto share = compute_gradients(batch, step);
  const auto whole =
      processes_.size() == 1 ? share : models::ElboMeter(processes_.sum(share.sums()));
  const auto good = optimizer_.step(learning_rate(options_, step),
                                    {options_.clip_norm, options_.skip_norm}, whole.finite());
  first_bad_ = first_bad_.masked_fill((first_bad_ < 0) & ~good, step);
  if (good.is_cpu()) check();
  return whole;
}

void TrainingStep::check() const {
  const auto step = first_bad_.item<std::int64_t>();
  if (step < 0) return;
  throw NotANumber("the loss stopped being a number at step " + std::to_string(step));
}

/// Sets the gradient of the whole batch's mean loss. Gives the figures of our share.
models::ElboMeter TrainingStep::compute_gradients(const models::Batch& batch, std::int64_t step) {
  auto loss_options = musicvae::loss_options(options_, step);
  const bool gaps = network_.inpaints() && step >= options_.whole_steps;
  const bool draws_for_rows = loss_options.sampling_probability > 0 || options_.row_dropout > 0 ||
                              network_.config().objective == "denoising";
  const auto rows = batch.rows.size(2);
  loss_options.gap_share = gaps ? options_.gap_share : 0;
  loss_options.reveal_share = network_.sketches() ? models::kRevealShare : 0;
  loss_options.place = models::BatchPlace{share_.first, options_.batch_size,
                                          draws_for_rows ? processes_.max(rows) : rows};
  const auto loss = models::compute_loss(
      network_, batch, loss_options,
      make_generator(options_.seed, kTrainingNoise + static_cast<std::uint64_t>(step)));
  const auto share = static_cast<double>(share_.count) / static_cast<double>(options_.batch_size);
  (loss.total * share).backward();
  gradients_.finish();
  models::ElboMeter meter;
  meter.add(loss);
  return meter;
}

}  // namespace musicvae
