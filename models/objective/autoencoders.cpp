#include <algorithm>
#include <utility>

#include <torch/utils.h>

#include "models/objective/objectives.hpp"

namespace musicvae::models {
namespace {

/// An activity no nearer to 0 and 1 than this has finite logarithms.
constexpr double kLeastActivity = 1e-4;

/// Sets z to the mean, and has the prior follow it while the model is trained.
Loss mean_loss(const LossStep& step, const torch::Tensor& z_BZ, const torch::Tensor& price_B) {
  if (torch::GradMode::is_enabled()) step.model.prior_kind().follow(z_BZ);
  const auto reconstruction = reconstruct(step, z_BZ);
  return loss_of(step, reconstruction.loss_B + price_B, reconstruction);
}

torch::Tensor no_price(const torch::Tensor& z_BZ) { return z_BZ.new_zeros({z_BZ.size(0)}); }

/// The sum over units of KL(target || mean activity), the same for all passages.
torch::Tensor activity_price_B(const torch::Tensor& z_BZ, double target) {
  const auto activity_Z = torch::sigmoid(z_BZ).mean(0).clamp(kLeastActivity, 1 - kLeastActivity);
  const auto kl_Z =
      target * (target / activity_Z).log() + (1 - target) * ((1 - target) / (1 - activity_Z)).log();
  return kl_Z.sum().expand({z_BZ.size(0)});
}

}  // namespace

Loss ae_loss(const LossStep& step) {
  const auto z_BZ = step.model.encode(step.batch).mu_BZ;
  return mean_loss(step, z_BZ, no_price(z_BZ));
}

Loss sparse_loss(const LossStep& step) {
  const auto z_BZ = step.model.encode(step.batch).mu_BZ;
  const bool by_activity = step.options.sparsity == Sparsity::kKl;
  if (by_activity) require_whole_batch(step, "the sparsity 'kl'");
  const auto price_B =
      by_activity ? activity_price_B(z_BZ, step.options.sparsity_target) : z_BZ.abs().sum(1);
  return mean_loss(step, z_BZ, step.options.sparsity_weight * price_B);
}

Loss contractive_loss(const LossStep& step) {
  const auto z_BZ = step.model.encode(step.batch).mu_BZ;
  return mean_loss(step, z_BZ,
                   step.options.contraction_weight * step.model.jacobian_norm_B(step.batch));
}

Loss denoising_loss(const LossStep& step) {
  Batch corrupted = step.batch;
  corrupted.rows =
      corrupted_rows(step.model.config(), step.batch.rows, step.options.corruption, step.noise);
  LossStep clean = step;
  clean.batch.reading_BUD = corrupted.reading_BUD = step.model.read(corrupted);
  const auto z_BZ = step.model.encode(corrupted).mu_BZ;
  return mean_loss(clean, z_BZ, no_price(z_BZ));
}

}  // namespace musicvae::models
