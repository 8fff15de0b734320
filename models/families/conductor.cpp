#include "models/families/conductor.hpp"

#include <string>
#include <utility>

#include <torch/utils.h>

#include "models/families/bar_prior.hpp"
#include "models/layers/dense_bars.hpp"
#include "models/layers/generation.hpp"
#include "models/runtime/transfer.hpp"

namespace musicvae::models {
namespace {

void check(const ModelConfig& config) {
  if (config.latent % 2 != 0) {
    throw ModelError("model config: of family 'conductor', latent (" +
                     std::to_string(config.latent) + ") must be even");
  }
  if (config.conductor.hidden % CausalTransformerImpl::kHeads != 0) {
    throw ModelError("model config: of family 'conductor', conductor.hidden (" +
                     std::to_string(config.conductor.hidden) + ") must be a multiple of " +
                     std::to_string(CausalTransformerImpl::kHeads));
  }
}

class Conductor : public Model {
 public:
  Conductor(const ModelConfig& config, torch::Generator generator);

  bool has_bar_latents() const override { return true; }
  Posterior encode(const Batch& batch) override;
  torch::Tensor decode(const torch::Tensor& z_BUZ, const Batch& batch,
                       const torch::Tensor& inputs) override;
  torch::Tensor log_prior_BU(const torch::Tensor& z_BUZ,
                             const torch::Tensor& controls_BUC) override {
    return prior_->log_density_BU(z_BUZ, controls_BUC);
  }
  torch::Tensor draw_z(const torch::Tensor& controls_BUC, double temperature,
                       torch::Generator generator, const torch::Tensor& given_BKZ) override {
    const torch::NoGradGuard no_grad;
    return prior_->draw(controls_BUC, temperature, std::move(generator), given_BKZ);
  }
  void set_latent_scale(const torch::Tensor& mean_Z, const torch::Tensor& stddev_Z) override {
    prior_->set_scale(mean_Z, stddev_Z);
  }

 private:
  GeneratedRows generate_rows(const torch::Tensor& z_BUZ, const torch::Tensor& controls_BUC,
                              const torch::Tensor& present_BU, const SamplingOptions& options,
                              RowConstraint& constraint, torch::Generator generator) override;

  DenseBarEncoder encoder_;
  DenseBarDecoder decoder_;
  BarPrior prior_;
};

Conductor::Conductor(const ModelConfig& config, torch::Generator generator)
    : Model(config),
      encoder_(config, generator),
      decoder_(config, generator),
      prior_(config, generator) {
  register_module("encoder", encoder_);
  register_module("decoder", decoder_);
  register_module("prior", prior_);
}

/// Absent bars have N(0, I), which adds nothing to a divergence from it.
Posterior Conductor::encode(const Batch& batch) {
  const auto [mu_BUZ, sigma_BUZ] = encoder_(batch);
  const auto absent_BU1 = send(batch.lengths_BU == 0, mu_BUZ.device()).unsqueeze(-1);
  return {mu_BUZ.masked_fill(absent_BU1, 0), sigma_BUZ.masked_fill(absent_BU1, 1)};
}

/// Rows are made from z alone, so `inputs` say nothing.
torch::Tensor Conductor::decode(const torch::Tensor& z_BUZ, const Batch& batch,
                                const torch::Tensor& /*inputs*/) {
  const auto plan = decoder_->plan(z_BUZ.flatten(0, 1), batch.controls_BUC.flatten(0, 1));
  return decoder_(plan, RowPlaces(batch.target_lengths_BU().flatten()));
}

GeneratedRows Conductor::generate_rows(const torch::Tensor& z_BUZ,
                                       const torch::Tensor& controls_BUC,
                                       const torch::Tensor& present_BU,
                                       const SamplingOptions& options, RowConstraint& constraint,
                                       torch::Generator generator) {
  RowSampler sampler(config(), options, constraint, std::move(generator), present_BU.sizes());
  const auto present_N = present_BU.to(torch::kCPU).flatten();
  std::vector<BarId> bars;
  for (std::int64_t i = 0; i < present_N.numel(); ++i) {
    if (present_N[i].item<bool>()) bars.push_back({i / z_BUZ.size(1), i % z_BUZ.size(1)});
  }
  const auto index_N = send(present_N.nonzero().squeeze(1), z_BUZ.device());
  const auto plan = decoder_->plan(z_BUZ.flatten(0, 1).index_select(0, index_N),
                                   controls_BUC.flatten(0, 1).index_select(0, index_N));
  const auto rows = sampler.generated().rows.size(2);
  const auto count = static_cast<std::int64_t>(bars.size());
  const auto logits_NRW = decoder_(plan, RowPlaces(torch::full({count}, rows, torch::kLong)))
                              .view({count, rows, -1})
                              .to(torch::kCPU);
  for (std::int64_t row = 0; row < rows; ++row) {
    const auto open = sampler.unfinished(bars);
    if (open.empty()) break;
    sampler.next(select(bars, open), logits_NRW.select(1, row).index_select(0, index_tensor(open)));
  }
  return sampler.generated();
}

}  // namespace

std::shared_ptr<Model> make_conductor(const ModelConfig& config, torch::Generator generator) {
  check(config);
  return std::make_shared<Conductor>(config, std::move(generator));
}

std::int64_t conductor_weights(const ModelConfig& config) {
  return dense_bar_weights(config) + bar_prior_weights(config);
}

bool have_equal_bars(const ModelConfig& a, const ModelConfig& b) {
  return a.family == "conductor" && b.family == "conductor" && a.row_kind == b.row_kind &&
         a.row_width == b.row_width && a.control_width == b.control_width &&
         a.latent == b.latent && a.encoder == b.encoder && a.decoder == b.decoder;
}

}  // namespace musicvae::models
