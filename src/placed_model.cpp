#include "src/placed_model.hpp"

#include <utility>

#include "models/elbo.hpp"
#include "models/rows.hpp"

namespace musicvae {
namespace {

/// `tensor` with zeros before and after it along a dimension.
torch::Tensor padded(const torch::Tensor& tensor, std::int64_t dimension, std::int64_t before,
                     std::int64_t after) {
  auto sizes = tensor.sizes().vec();
  const auto zeros = [&](std::int64_t count) {
    sizes[static_cast<std::size_t>(dimension)] = count;
    return tensor.new_zeros(sizes);
  };
  return torch::cat({zeros(before), tensor, zeros(after)}, dimension);
}

/// A share [B, ...] among the passages of the whole batch.
torch::Tensor among_passages(const torch::Tensor& share, const BatchPlace& place) {
  return padded(share, 0, place.first, place.passages - place.first - share.size(0));
}

/// What [passages, U, rows, ...] holds of the share `like` [B, U, R, ...].
torch::Tensor share_of_rows(const torch::Tensor& whole, const torch::Tensor& like,
                            const BatchPlace& place) {
  return whole.narrow(0, place.first, like.size(0)).narrow(2, 0, like.size(2));
}

}  // namespace

PlacedModel::PlacedModel(std::shared_ptr<models::Model> network, const BatchPlace& place,
                         double sampling_probability, torch::Generator generator)
    : models::Model(network->config()),
      network_(std::move(network)),
      place_(place),
      sampling_probability_(sampling_probability),
      generator_(std::move(generator)) {}

models::Posterior PlacedModel::encode(const models::Batch& batch) {
  const auto posterior = network_->encode(batch);
  const models::Posterior whole{among_passages(posterior.mu_BZ, place_),
                                among_passages(posterior.sigma_BZ, place_)};
  z_BZ_ = models::sample_posterior_BZ(whole, generator_)
              .narrow(0, place_.first, posterior.mu_BZ.size(0));
  return posterior;
}

torch::Tensor PlacedModel::decode(const torch::Tensor&, const models::Batch& batch,
                                  const torch::Tensor&) {
  if (sampling_probability_ == 0) return network_->decode(z_BZ_, batch);
  return network_->decode(z_BZ_, batch, scheduled_inputs(batch));
}

torch::Tensor PlacedModel::scheduled_inputs(const models::Batch& batch) {
  const torch::NoGradGuard no_grad;
  const auto kind = config().row_kind;
  const auto logits = network_->decode(z_BZ_, batch);
  const auto whole = padded(among_passages(logits, place_), 2, 0, place_.rows - logits.size(2));
  const auto sampled = models::sample_rows(kind, whole, 1.0, {}, generator_);
  const auto slots_BUR = whole.select(-1, 0);
  auto replaced = models::uniform(slots_BUR.sizes(), generator_, slots_BUR) < sampling_probability_;
  if (kind == models::RowKind::kBits) replaced = replaced.unsqueeze(-1);
  return torch::where(share_of_rows(replaced, logits, place_),
                      share_of_rows(sampled, logits, place_), batch.rows);
}

models::GeneratedRows PlacedModel::generate(const torch::Tensor& z_BZ,
                                            const torch::Tensor& controls_BUC,
                                            const torch::Tensor& present_BU,
                                            const models::SamplingOptions& options,
                                            models::RowConstraint& constraint,
                                            torch::Generator generator) {
  return network_->generate(z_BZ, controls_BUC, present_BU, options, constraint,
                            std::move(generator));
}

}  // namespace musicvae
