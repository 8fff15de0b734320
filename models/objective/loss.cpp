#include "models/objective/loss.hpp"

#include <cmath>
#include <string>
#include <utility>

#include <torch/utils.h>

#include "models/layers/rows.hpp"
#include "models/objective/elbo.hpp"
#include "models/objective/gaps.hpp"
#include "models/objective/noise.hpp"
#include "models/objective/objectives.hpp"
#include "models/objective/registry.hpp"
#include "models/runtime/transfer.hpp"

namespace musicvae::models {
namespace {

const double kNatsABit = std::log(2.0);

/// Draws gaps in a share of all batches. The other batches get an undefined tensor.
torch::Tensor missing_bars(const Batch& batch, double share, Noise& noise) {
  const auto& lengths_BU = batch.lengths_BU;
  const auto like = torch::empty({}, torch::kFloat);
  if (noise.one() >= share) return {};
  return draw_gaps(lengths_BU, noise.uniform({lengths_BU.size(0), kGapNumbers}, like));
}

/// Reveals the pitches of a share of the missing bars, and independently the rhythms.
void reveal(Batch& batch, double share, Noise& noise) {
  const auto sizes = batch.lengths_BU.sizes().vec();
  const auto like = torch::empty({}, torch::kFloat);
  batch.revealed_pitch_BU = noise.uniform(sizes, like) < share;
  batch.revealed_rhythm_BU = noise.uniform(sizes, like) < share;
}

/// The batch's rows. Each is replaced, with the given probability, by a row sampled under teacher
/// forcing.
torch::Tensor scheduled_inputs(Model& model, const torch::Tensor& z_BZ, const Batch& batch,
                               double probability, Noise& noise) {
  const torch::NoGradGuard no_grad;
  const auto kind = model.config().row_kind;
  const auto logits_PW = model.decode(z_BZ, batch);
  const auto numbers = noise.uniform(batch.rows.sizes().vec(), logits_PW);
  const auto sampled = sample_rows(kind, logits_PW, 1.0, {}, batch.at_targets(numbers));
  auto replaced = noise.uniform(batch.rows.sizes().slice(0, 3).vec(), logits_PW) < probability;
  if (kind == RowKind::kBits) replaced = replaced.unsqueeze(-1);
  return torch::where(replaced, batch.with_targets(batch.rows, sampled), batch.rows);
}

/// Replaces each of a batch's rows by "no row" with the given probability.
torch::Tensor dropped_rows(RowKind kind, const torch::Tensor& rows, double probability,
                           Noise& noise) {
  const auto sizes = rows.sizes().slice(0, 3).vec();
  const auto like = torch::empty({}, rows.options().dtype(torch::kFloat));
  auto dropped = noise.uniform(sizes, like) < probability;
  if (kind == RowKind::kBits) return rows.masked_fill(dropped.unsqueeze(-1), 0);
  return rows.masked_fill(dropped, -1);
}

/// The loss of the prior in nats: [B], of the bars that are missing where any are. It is told of
/// the latents, and does not pull at them.
torch::Tensor prior_loss_B(Model& model, const torch::Tensor& z_BUZ, Batch batch,
                           const LossOptions& options, Noise& noise) {
  if (options.gap_share > 0) batch.missing_BU = missing_bars(batch, options.gap_share, noise);
  return model.bar_loss_BU(z_BUZ.detach(), batch).sum(1);
}

/// The loss of the prior alone.
Loss prior_loss(Model& model, const Batch& batch, const LossOptions& options, Noise& noise) {
  const auto z_BUZ = [&] {
    const torch::NoGradGuard no_grad;
    const auto posterior = model.encode(batch);
    return draw_posterior(model, posterior, noise.normal(posterior.mu_BZ.sizes().vec())).z_BZ;
  }();
  Loss loss;
  const auto loss_B = prior_loss_B(model, z_BUZ, batch, options, noise);
  loss.total = loss_B.mean();
  loss.reconstruction_B = torch::zeros_like(loss_B);
  loss.kl_B = loss_B.detach();
  loss.correct_rows = loss.rows = torch::zeros({}, loss_B.options());
  return loss;
}

/// The KL in nats without what is free in each dimension: [B].
torch::Tensor free_of_each(const KlTerm& kl, const LossOptions& options) {
  if (options.free_bits_each == 0) return kl.kl_B;
  if (!kl.kl_BD.defined()) {
    throw ModelError(
        "free bits of each dimension need a KL in closed form, which this posterior and prior do "
        "not have; take --free-bits, or --posterior gaussian and --prior normal");
  }
  return (kl.kl_BD - options.free_bits_each * kNatsABit).clamp_min(0).flatten(1).sum(-1);
}

/// Whether a model's prior is trained beside its bars.
bool trains_prior(const Model& model, const LossOptions& options) {
  return model.has_bar_latents() && options.learn != Learn::kBars;
}

}  // namespace

torch::Tensor latent_noise(const LossStep& step, const Posterior& posterior) {
  const auto sizes = posterior.mu_BZ.sizes().vec();
  return step.model.posterior_kind().uniform_noise() ? step.noise.uniform(sizes, posterior.mu_BZ)
                                                     : step.noise.normal(sizes);
}

void require_whole_batch(const LossStep& step, const char* what) {
  const auto& place = step.options.place;
  if (!place || place->passages == step.batch.lengths_BU.size(0)) return;
  throw ModelError(std::string(what) +
                   " compares all passages of a batch, which several processes share; train in "
                   "one process");
}

Reconstruction reconstruct(const LossStep& step, const torch::Tensor& z_BZ) {
  auto& [model, batch, options, noise] = step;
  torch::Tensor inputs;
  if (options.sampling_probability > 0) {
    inputs = scheduled_inputs(model, z_BZ, batch, options.sampling_probability, noise);
  }
  const auto kind = model.config().row_kind;
  if (options.row_dropout > 0) {
    const auto& rows = inputs.defined() ? inputs : batch.rows;
    inputs = dropped_rows(kind, rows, options.row_dropout, noise);
  }
  const auto logits_PW = model.decode(z_BZ, batch, inputs);
  const auto correct_P =
      rows_equal(kind, likeliest_rows(kind, logits_PW), batch.at_targets(batch.rows));
  return {row_loss_BUR(model.config(), logits_PW, batch).sum({1, 2}), correct_P.sum()};
}

Loss loss_of(const LossStep& step, const torch::Tensor& total_B,
             const Reconstruction& reconstruction, const torch::Tensor& kl_B) {
  Loss loss;
  loss.total = total_B.mean();
  loss.reconstruction_B = reconstruction.loss_B;
  loss.kl_B = kl_B.defined() ? kl_B : torch::zeros_like(reconstruction.loss_B);
  loss.correct_rows = reconstruction.correct_rows;
  loss.rows = send(step.batch.target_lengths_BU().sum(), reconstruction.loss_B.device());
  return loss;
}

Loss elbo_loss(const LossStep& step) {
  auto& [model, batch, options, noise] = step;
  const auto posterior = model.encode(batch);
  const auto draw = draw_posterior(model, posterior, latent_noise(step, posterior), options.draw);
  const auto reconstruction = reconstruct(step, draw.z_BZ);
  const auto kl = kl_term(model, posterior, draw);
  const auto priced_B = (free_of_each(kl, options) - options.free_bits * kNatsABit).clamp_min(0);
  auto loss =
      loss_of(step, reconstruction.loss_B + options.beta * priced_B, reconstruction, kl.kl_B);
  if (trains_prior(model, options)) {
    const auto fit_B = prior_loss_B(model, draw.z_BZ, batch, options, noise);
    loss.total = loss.total + fit_B.mean();
    loss.kl_B = fit_B.detach();
  }
  return loss;
}

Loss compute_loss(Model& model, const Batch& given, const LossOptions& options,
                  torch::Generator generator) {
  Noise noise(options.place, std::move(generator));
  if (trains_prior(model, options) && options.learn == Learn::kPrior) {
    return prior_loss(model, given, options, noise);
  }
  Batch batch = given;
  if (options.gap_share > 0 && !model.has_bar_latents()) {
    batch.missing_BU = missing_bars(batch, options.gap_share, noise);
  }
  if (options.reveal_share > 0 && batch.missing_BU.defined()) {
    reveal(batch, options.reveal_share, noise);
  }
  batch.reading_BUD = model.read(batch);
  const auto& name = options.objective.empty() ? model.config().objective : options.objective;
  return objective_loss(name)({model, batch, options, noise});
}

}  // namespace musicvae::models
