#include "models/objective/elbo.hpp"

#include <cmath>
#include <utility>
#include <vector>

#include <torch/utils.h>

#include "models/layers/rows.hpp"
#include "models/objective/gaps.hpp"
#include "models/runtime/transfer.hpp"

namespace musicvae::models {
namespace {

const double kNatsABit = std::log(2.0);

/// Random numbers for a batch. A share of a batch gets the numbers that the whole batch would have
/// drawn for it.
class Noise {
 public:
  Noise(const std::optional<BatchPlace>& place, torch::Generator generator)
      : place_(place), generator_(std::move(generator)) {}

  /// Draws from N(0, 1), on the generator's device: [B, ...]. All but B is the same for all shares.
  torch::Tensor normal(std::vector<std::int64_t> sizes) {
    const auto here = torch::TensorOptions().device(generator_.device());
    const auto passages = sizes[0];
    if (place_) sizes[0] = place_->passages;
    const auto drawn = torch::randn(sizes, generator_, here);
    return place_ ? drawn.narrow(0, place_->first, passages) : drawn;
  }
  /// Draws from [0, 1), on the device of `like`: [B, U, R, ...].
  torch::Tensor uniform(const std::vector<std::int64_t>& sizes, const torch::Tensor& like) {
    return share(models::uniform(whole(sizes), generator_, like), sizes);
  }
  /// Draws one number from [0, 1), the same for all shares of a batch.
  double one() {
    return models::uniform({1}, generator_, torch::empty({}, torch::kFloat)).item<double>();
  }

 private:
  std::vector<std::int64_t> whole(std::vector<std::int64_t> sizes) const {
    if (!place_) return sizes;
    sizes[0] = place_->passages;
    if (sizes.size() > 2) sizes[2] = place_->rows;
    return sizes;
  }
  torch::Tensor share(const torch::Tensor& drawn, const std::vector<std::int64_t>& sizes) const {
    if (!place_) return drawn;
    const auto passages = drawn.narrow(0, place_->first, sizes[0]);
    return sizes.size() > 2 ? passages.narrow(2, 0, sizes[2]) : passages;
  }

  std::optional<BatchPlace> place_;
  torch::Generator generator_;
};

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

}  // namespace

double annealed_beta(const KlOptions& options, std::int64_t step) {
  if (options.annealing_rate == 0) return options.beta;
  return options.beta * (1 - std::pow(options.annealing_rate, static_cast<double>(step)));
}

double sampling_probability(double k, std::int64_t step) {
  if (k == 0) return 0;
  return 1 - k / (k + std::exp(static_cast<double>(step) / k));
}

torch::Tensor kl_divergence_B(const Posterior& posterior) {
  const auto& mu_BZ = posterior.mu_BZ;
  const auto& sigma_BZ = posterior.sigma_BZ;
  return 0.5 * (mu_BZ.square() + sigma_BZ.square() - 1 - 2 * sigma_BZ.log()).flatten(1).sum(-1);
}

torch::Tensor sample_posterior_BZ(const Posterior& posterior, const torch::Tensor& noise_BZ) {
  const auto here_BZ = send(noise_BZ, posterior.mu_BZ.device()).to(posterior.mu_BZ.scalar_type());
  return posterior.mu_BZ + posterior.sigma_BZ * here_BZ;
}

torch::Tensor row_loss_BUR(const ModelConfig& config, const torch::Tensor& logits_PW,
                           const Batch& batch) {
  const auto loss_P = row_loss(config.row_kind, logits_PW, batch.at_targets(batch.rows));
  return batch.with_targets(loss_P.new_zeros(batch.rows.sizes().slice(0, 3)), loss_P);
}

namespace {

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
    return sample_posterior_BZ(posterior, noise.normal(posterior.mu_BZ.sizes().vec()));
  }();
  Loss loss;
  const auto loss_B = prior_loss_B(model, z_BUZ, batch, options, noise);
  loss.total = loss_B.mean();
  loss.reconstruction_B = torch::zeros_like(loss_B);
  loss.kl_B = loss_B.detach();
  loss.correct_rows = loss.rows = torch::zeros({}, loss_B.options());
  return loss;
}

}  // namespace

Loss compute_loss(Model& model, const Batch& given, const LossOptions& options,
                  torch::Generator generator) {
  Noise noise(options.place, std::move(generator));
  const bool has_prior = model.has_bar_latents() && options.learn != Learn::kBars;
  if (has_prior && options.learn == Learn::kPrior) return prior_loss(model, given, options, noise);
  Batch batch = given;
  if (options.gap_share > 0 && !model.has_bar_latents()) {
    batch.missing_BU = missing_bars(batch, options.gap_share, noise);
  }
  if (options.reveal_share > 0 && batch.missing_BU.defined()) {
    reveal(batch, options.reveal_share, noise);
  }
  batch.reading_BUD = model.read(batch);
  const auto posterior = model.encode(batch);
  const auto z_BZ = sample_posterior_BZ(posterior, noise.normal(posterior.mu_BZ.sizes().vec()));
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

  Loss loss;
  loss.reconstruction_B = row_loss_BUR(model.config(), logits_PW, batch).sum({1, 2});
  loss.kl_B = kl_divergence_B(posterior);
  const auto free_kl_B = (loss.kl_B - options.free_bits * kNatsABit).clamp_min(0);
  loss.total = (loss.reconstruction_B + options.beta * free_kl_B).mean();
  if (has_prior) {
    const auto fit_B = prior_loss_B(model, z_BZ, batch, options, noise);
    loss.total = loss.total + fit_B.mean();
    loss.kl_B = fit_B.detach();
  }
  loss.correct_rows = correct_P.sum();
  loss.rows = send(batch.target_lengths_BU().sum(), logits_PW.device());
  return loss;
}

}  // namespace musicvae::models
