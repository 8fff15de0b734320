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
  torch::Tensor draw_z(const Batch& layout, double temperature, torch::Generator generator,
                       const torch::Tensor& given_BKZ) override;
  void set_latent_scale(const torch::Tensor& mean_Z, const torch::Tensor& stddev_Z) override {
    prior_->set_scale(mean_Z, stddev_Z);
  }

 private:
  GeneratedRows generate_rows(const torch::Tensor& z_BUZ, const torch::Tensor& controls_BUC,
                              const torch::Tensor& present_BU, const SamplingOptions& options,
                              RowConstraint& constraint, torch::Generator generator) override;

  torch::Tensor logits_NRW(const torch::Tensor& z_NZ, const torch::Tensor& controls_NC,
                           std::int64_t rows);
  torch::Tensor surest(const torch::Tensor& z_BNZ, const Batch& bar);
  torch::Tensor as_heard(const torch::Tensor& z_B1Z, const Batch& bar, torch::Generator generator);

  DenseBarEncoder encoder_;
  DenseBarDecoder decoder_;
  BarPrior prior_;
};

/// Latents drawn for each bar, of which the one is kept that the decoder is surest of. Where the
/// prior is not exact it also draws latents that no bar has, and these decode to doubtful notes.
constexpr std::int64_t kCandidates = 16;

/// Bar `bar` of each song.
Batch one_bar(const Batch& batch, std::int64_t bar) {
  return {batch.rows.narrow(1, bar, 1), batch.lengths_BU.narrow(1, bar, 1),
          batch.controls_BUC.narrow(1, bar, 1)};
}

/// How doubtful each row is, in nats, and how many notes it is expected to begin.
struct RowDoubts {
  torch::Tensor doubt, notes;
};

RowDoubts doubts_of(RowKind kind, const torch::Tensor& logits) {
  if (kind == RowKind::kTokens) {
    const auto log_shares = torch::log_softmax(logits, -1);
    const auto doubt = -(log_shares.exp() * log_shares).sum(-1);
    return {doubt, torch::ones_like(doubt)};
  }
  const auto shares = logits.sigmoid();
  return {(torch::softplus(logits) - logits * shares).sum(-1),
          shares.narrow(-1, 0, shares.size(-1) / 2).sum(-1)};
}

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

torch::Tensor Conductor::draw_z(const Batch& layout, double temperature, torch::Generator generator,
                                const torch::Tensor& given_BKZ) {
  const torch::NoGradGuard no_grad;
  const auto& controls_BUC = layout.controls_BUC;
  auto z_BUZ = given_BKZ.defined() ? given_BKZ
                                   : torch::zeros({controls_BUC.size(0), 0, config().latent},
                                                  controls_BUC.options());
  auto heard_BUZ = z_BUZ;
  for (auto bar = z_BUZ.size(1); bar < controls_BUC.size(1); ++bar) {
    const auto layout_of_bar = one_bar(layout, bar);
    const auto drawn_BNZ = prior_->draw_next(heard_BUZ, controls_BUC.narrow(1, 0, bar + 1),
                                             kCandidates, temperature, generator);
    const auto z_B1Z = surest(drawn_BNZ, layout_of_bar);
    z_BUZ = torch::cat({z_BUZ, z_B1Z}, 1);
    heard_BUZ = torch::cat({heard_BUZ, as_heard(z_B1Z, layout_of_bar, generator)}, 1);
  }
  return z_BUZ;
}

torch::Tensor Conductor::logits_NRW(const torch::Tensor& z_NZ, const torch::Tensor& controls_NC,
                                    std::int64_t rows) {
  const auto bars = z_NZ.size(0);
  const auto plan = decoder_->plan(z_NZ, controls_NC);
  return decoder_(plan, RowPlaces(torch::full({bars}, rows, torch::kLong))).view({bars, rows, -1});
}

/// The latent of each song whose notes the decoder doubts least, for each note: [B, 1, Z].
torch::Tensor Conductor::surest(const torch::Tensor& z_BNZ, const Batch& bar) {
  const auto songs = z_BNZ.size(0), count = z_BNZ.size(1), rows = bar.rows.size(2);
  const auto controls_NC = bar.controls_BUC.expand({-1, count, -1}).flatten(0, 1);
  const auto logits = logits_NRW(z_BNZ.flatten(0, 1), controls_NC, rows);
  const auto doubts = doubts_of(config().row_kind, logits);
  const auto real_B1R = bar.mask_BUR().to(logits.scalar_type());
  const auto summed_BN = [&](const torch::Tensor& values_NR) {
    return (values_NR.view({songs, count, rows}) * real_B1R).sum(-1);
  };
  const auto doubt_BN = summed_BN(doubts.doubt) / (1 + summed_BN(doubts.notes));
  const auto best_B11 = std::get<1>(doubt_BN.min(1)).view({-1, 1, 1});
  return z_BNZ.gather(1, best_B11.expand({-1, 1, z_BNZ.size(2)}));
}

/// A latent of what is played of a bar. The bars that follow hear this and not what was drawn, so
/// that errors do not add up.
torch::Tensor Conductor::as_heard(const torch::Tensor& z_B1Z, const Batch& bar,
                                  torch::Generator generator) {
  const auto logits =
      logits_NRW(z_B1Z.flatten(0, 1), bar.controls_BUC.flatten(0, 1), bar.rows.size(2));
  Batch played = bar;
  played.rows = likeliest_rows(config().row_kind, logits).unsqueeze(1).to(bar.rows.scalar_type());
  const auto posterior = encode(played);
  const auto noise = torch::randn(posterior.mu_BZ.sizes(), std::move(generator));
  return posterior.mu_BZ + posterior.sigma_BZ * noise.to(posterior.mu_BZ.options());
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
