#include "src/training_step.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include "models/elbo.hpp"
#include "src/generation.hpp"

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
      gradients_(network.parameters(), processes) {}

models::ElboMeter TrainingStep::take(const models::Batch& batch, std::int64_t step) {
  const auto share = compute_gradients(batch, step);
  const models::ElboMeter whole(processes_.sum(share.sums()));
  const double norm = optimizer_.gradient_norm();
  if (!std::isfinite(norm) || !std::isfinite(whole.loss())) {
    throw NotANumber("the loss stopped being a number at step " + std::to_string(step));
  }
  update(norm, step);
  return whole;
}

/// Sets the gradient of the whole batch's mean loss; what it gives is of our share.
models::ElboMeter TrainingStep::compute_gradients(const models::Batch& batch, std::int64_t step) {
  const models::KlOptions kl{options_.beta, options_.beta_rate, options_.free_bits};
  const double sampling = models::sampling_probability(options_.scheduled_sampling, step);
  const auto rows = batch.rows.size(2);
  const models::LossOptions loss_options{
      .beta = models::annealed_beta(kl, step),
      .free_bits = options_.free_bits,
      .sampling_probability = sampling,
      .place = models::BatchPlace{share_.first, options_.batch_size,
                                  sampling > 0 ? processes_.max(rows) : rows}};
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

void TrainingStep::update(double gradient_norm, std::int64_t step) {
  if (gradient_norm > options_.skip_norm) {
    optimizer_.zero_grad();
  } else {
    optimizer_.step(learning_rate(options_, step),
                    std::min(1.0, options_.clip_norm / std::max(gradient_norm, 1e-12)));
  }
}

}  // namespace musicvae
