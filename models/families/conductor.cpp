#include "models/families/conductor.hpp"

#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include <torch/utils.h>

#include "models/families/bar_prior.hpp"
#include "models/layers/dense_bars.hpp"
#include "models/layers/generation.hpp"
#include "models/layers/rows.hpp"
#include "models/runtime/transfer.hpp"

namespace musicvae::models {
namespace {

void check(const ModelConfig& config) {
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
  bool inpaints() const override { return true; }
  Posterior encode(const Batch& batch) override;
  torch::Tensor decode(const torch::Tensor& z_BUZ, const Batch& batch,
                       const torch::Tensor& inputs) override;
  torch::Tensor bar_loss_BU(const torch::Tensor& z_BUZ, const Batch& batch) override {
    return prior_->bar_loss_BU(z_BUZ, batch);
  }

 private:
  torch::Tensor draw_latents(const Batch& layout, const SamplingOptions& options,
                             RowConstraint& constraint, torch::Generator generator,
                             const torch::Tensor& given_BKZ) override;
  GeneratedRows generate_rows(const torch::Tensor& z_BUZ, const torch::Tensor& controls_BUC,
                              const torch::Tensor& present_BU, const SamplingOptions& options,
                              RowConstraint& constraint, torch::Generator generator) override;
  GeneratedRows inpaint_rows(const torch::Tensor& z_BUZ, const Batch& batch,
                             const SamplingOptions& options, RowConstraint& constraint,
                             torch::Generator generator) override;

  torch::Tensor write_missing(torch::Tensor z_BUZ, const Batch& batch, RowSampler& sampler);
  torch::Tensor logits_NRW(const torch::Tensor& z_NZ, const torch::Tensor& controls_NC,
                           std::int64_t rows);
  Batch with_given(const Batch& layout, const torch::Tensor& given_BKZ);

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

/// Missing and absent bars have N(0, I), which adds nothing to a divergence from it.
Posterior Conductor::encode(const Batch& batch) {
  const auto [mu_BUZ, sigma_BUZ] = encoder_(batch);
  const auto unknown_BU1 = send(batch.known_lengths_BU() == 0, mu_BUZ.device()).unsqueeze(-1);
  return {mu_BUZ.masked_fill(unknown_BU1, 0), sigma_BUZ.masked_fill(unknown_BU1, 1)};
}

/// Rows are made from z alone, so `inputs` say nothing. Those of missing bars are the prior's,
/// given the missing bars before them.
torch::Tensor Conductor::decode(const torch::Tensor& z_BUZ, const Batch& batch,
                                const torch::Tensor& /*inputs*/) {
  if (batch.missing_BU.defined()) {
    Batch all = batch;
    all.missing_BU = torch::Tensor();
    const auto missing_BU1 = send(batch.missing_BU, z_BUZ.device()).unsqueeze(-1);
    return prior_->logits_PW(torch::where(missing_BU1, encode(all).mu_BZ, z_BUZ), batch);
  }
  const auto plan = decoder_->plan(z_BUZ.flatten(0, 1), batch.controls_BUC.flatten(0, 1));
  return decoder_(plan, RowPlaces(batch.target_lengths_BU().flatten()));
}

torch::Tensor Conductor::draw_latents(const Batch& layout, const SamplingOptions& options,
                                      RowConstraint& constraint, torch::Generator generator,
                                      const torch::Tensor& given_BKZ) {
  const auto& controls_BUC = layout.controls_BUC;
  auto z_BUZ = torch::zeros({controls_BUC.size(0), controls_BUC.size(1), config().latent},
                            controls_BUC.options());
  const auto given_bars = given_BKZ.defined() ? given_BKZ.size(1) : 0;
  if (given_bars > 0) z_BUZ.narrow(1, 0, given_bars).copy_(given_BKZ);
  const Batch batch = with_given(layout, z_BUZ.narrow(1, 0, given_bars));
  RowSampler sampler(config(), options, constraint, std::move(generator), batch);
  return write_missing(z_BUZ, batch, sampler);
}

GeneratedRows Conductor::inpaint_rows(const torch::Tensor& z_BUZ, const Batch& batch,
                                      const SamplingOptions& options, RowConstraint& constraint,
                                      torch::Generator generator) {
  RowSampler sampler(config(), options, constraint, std::move(generator), batch);
  write_missing(z_BUZ.clone(), batch, sampler);
  return sampler.generated();
}

/// Has the prior write the missing bars, one after the other. Gives z_BUZ with their latents.
torch::Tensor Conductor::write_missing(torch::Tensor z_BUZ, const Batch& batch,
                                       RowSampler& sampler) {
  const auto wanted_BU = batch.target_lengths_BU() > 0;
  for (std::int64_t bar = 0; bar < z_BUZ.size(1); ++bar) {
    const auto wanted_B = wanted_BU.select(1, bar);
    if (!wanted_B.any().item<bool>()) continue;
    prior_->write(bar, z_BUZ, batch, wanted_B, sampler);
    const auto& written = sampler.generated();
    const Batch one{written.rows.narrow(1, bar, 1), written.lengths_BU.narrow(1, bar, 1).clone(),
                    batch.controls_BUC.narrow(1, bar, 1)};
    z_BUZ.narrow(1, bar, 1).copy_(encode(one.to(z_BUZ.device())).mu_BZ);
  }
  return z_BUZ;
}

/// `layout` with the likeliest rows of the given bars; the bars after them are missing.
Batch Conductor::with_given(const Batch& layout, const torch::Tensor& given_BKZ) {
  Batch batch = layout;
  const auto given = given_BKZ.size(1);
  batch.missing_BU = torch::ones_like(layout.lengths_BU, torch::kBool);
  batch.missing_BU.narrow(1, 0, given).fill_(false);
  if (given == 0) return batch;
  const auto logits =
      logits_NRW(given_BKZ.flatten(0, 1), layout.controls_BUC.narrow(1, 0, given).flatten(0, 1),
                 layout.rows.size(2));
  batch.rows = torch::zeros_like(layout.rows);
  auto given_rows = batch.rows.narrow(1, 0, given);
  given_rows.copy_(likeliest_rows(config().row_kind, logits).view_as(given_rows));
  return batch;
}

torch::Tensor Conductor::logits_NRW(const torch::Tensor& z_NZ, const torch::Tensor& controls_NC,
                                    std::int64_t rows) {
  const auto bars = z_NZ.size(0);
  const auto plan = decoder_->plan(z_NZ, controls_NC);
  return decoder_(plan, RowPlaces(torch::full({bars}, rows, torch::kLong))).view({bars, rows, -1});
}

GeneratedRows Conductor::generate_rows(const torch::Tensor& z_BUZ,
                                       const torch::Tensor& controls_BUC,
                                       const torch::Tensor& present_BU,
                                       const SamplingOptions& options, RowConstraint& constraint,
                                       torch::Generator generator) {
  RowSampler sampler(config(), options, constraint, std::move(generator), present_BU.sizes());
  const auto present_N = present_BU.to(torch::kCPU).flatten().contiguous();
  std::vector<BarId> bars;
  for (std::int64_t i = 0; i < present_N.numel(); ++i) {
    if (present_N.data_ptr<bool>()[i]) bars.push_back({i / z_BUZ.size(1), i % z_BUZ.size(1)});
  }
  const auto index_N = send(present_N.nonzero().squeeze(1), z_BUZ.device());
  const auto rows = sampler.generated().rows.size(2);
  const auto logits = logits_NRW(z_BUZ.flatten(0, 1).index_select(0, index_N),
                                 controls_BUC.flatten(0, 1).index_select(0, index_N), rows)
                          .to(torch::kCPU);
  for (std::int64_t row = 0; row < rows; ++row) {
    const auto open = sampler.unfinished(bars);
    if (open.empty()) break;
    sampler.next(select(bars, open), logits.select(1, row).index_select(0, index_tensor(open)));
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
         a.row_width == b.row_width && a.control_width == b.control_width && a.latent == b.latent &&
         a.encoder == b.encoder && a.decoder == b.decoder;
}

}  // namespace musicvae::models
