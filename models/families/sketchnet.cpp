#include "models/families/sketchnet.hpp"

#include <string>
#include <utility>

#include "models/families/bar_vae.hpp"
#include "models/families/latent_inpainter.hpp"
#include "models/families/weights.hpp"
#include "models/layers/bar_connector.hpp"
#include "models/layers/encoder.hpp"
#include "models/runtime/transfer.hpp"

namespace musicvae::models {
namespace {

const ModelConfig& with_pitches(const ModelConfig& config) {
  if (config.row_kind == RowKind::kTokens && config.pitch_count > 0 &&
      config.pitch_first + config.pitch_count <= config.row_width) {
    return config;
  }
  throw ModelError(
      "model config: family 'sketchnet' tells pitches from rhythm, and the rows of this codec do "
      "not; choose one of melody, such as melody-ticks");
}

/// Which rows name a pitch: bool, shaped as the rows.
torch::Tensor is_pitch(const ModelConfig& config, const torch::Tensor& rows) {
  return (rows >= config.pitch_first) & (rows < config.pitch_first + config.pitch_count);
}

/// The batch with only those rows that name pitches.
Batch pitches_of(const ModelConfig& config, Batch batch) {
  const auto pitch_BUR = is_pitch(config, batch.rows) & batch.mask_BUR();
  const auto order_BUR =
      std::get<1>(torch::sort(pitch_BUR.logical_not().to(torch::kUInt8),
                              /*stable=*/true, /*dim=*/-1, /*descending=*/false));
  batch.rows = batch.rows.gather(-1, order_BUR);
  batch.lengths_BU = pitch_BUR.sum(-1).to(torch::kCPU);
  return batch;
}

/// The batch with one and the same token for all pitches.
Batch rhythm_of(const ModelConfig& config, Batch batch) {
  batch.rows = batch.rows.masked_fill(is_pitch(config, batch.rows), config.pitch_first);
  return batch;
}

/// N bars as passages of one bar. `bars_N` counts the bars through all songs.
Batch single_bars(const Batch& batch, const torch::Tensor& bars_N) {
  const auto index_N = send(bars_N, batch.rows.device());
  return {of_bars(batch.rows, index_N).unsqueeze(1), of_bars(batch.lengths_BU, bars_N).unsqueeze(1),
          of_bars(batch.controls_BUC, index_N).unsqueeze(1)};
}

class SketchNet : public BarVae {
 public:
  SketchNet(const ModelConfig& config, torch::Generator generator);

  bool sketches() const override { return true; }

 private:
  /// One of the two parts that a bar is made of: pitches or rhythm.
  struct Part {
    using View = Batch (*)(const ModelConfig& config, Batch batch);

    Part(View seen, const ModelConfig& config, int latent, torch::Generator generator)
        : view(seen),
          rows(make_bar_reader(config, generator)),
          posterior(config.encoder, latent, generator),
          inpainter(config, latent, generator) {}

    View view;  // Gives what the part sees of a batch.
    Lstm rows;  // Reads the rows of a bar.
    PosteriorHead posterior;
    LatentInpainter inpainter;
  };

  Posterior encode_known_bars(const Batch& batch) override;
  torch::Tensor find_missing(const torch::Tensor& latents_BUZ, const Batch& batch) override;
  void register_part(const std::string& name, const Part& part);
  Posterior encode_part(Part& part, const Batch& batch);
  torch::Tensor true_latents(Part& part, const Batch& batch, const torch::Tensor& bars_N);
  torch::Tensor find_part(Part& part, const torch::Tensor& latents_BUZ, const Batch& batch,
                          const torch::Tensor& revealed_BU);

  Part pitch_, rhythm_;
  BarConnector connector_;
};

SketchNet::SketchNet(const ModelConfig& config, torch::Generator generator)
    : BarVae(with_pitches(config), 2, generator),
      pitch_(pitches_of, config, bar_latent() / 2, generator),
      rhythm_(rhythm_of, config, bar_latent() / 2, generator),
      connector_(config.bars, bar_latent() + 2 + config.control_width, bar_latent(), generator) {
  register_part("pitch", pitch_);
  register_part("rhythm", rhythm_);
  register_module("connector", connector_);
}

void SketchNet::register_part(const std::string& name, const Part& part) {
  register_module(name + "_rows", part.rows);
  register_module(name + "_posterior", part.posterior);
  register_module(name + "_inpainter", part.inpainter);
}

Posterior SketchNet::encode_part(Part& part, const Batch& batch) {
  return part.posterior(encode_bars(RowKind::kTokens, part.rows, part.view(config(), batch)));
}

Posterior SketchNet::encode_known_bars(const Batch& batch) {
  const auto pitch = encode_part(pitch_, batch);
  const auto rhythm = encode_part(rhythm_, batch);
  return {torch::cat({pitch.mu_BZ, rhythm.mu_BZ}, -1),
          torch::cat({pitch.sigma_BZ, rhythm.sigma_BZ}, -1)};
}

/// One part's latents of N bars, encoded from their rows. `bars_N` counts the bars through all
/// songs.
torch::Tensor SketchNet::true_latents(Part& part, const Batch& batch, const torch::Tensor& bars_N) {
  const torch::NoGradGuard vae_is_constant;
  return encode_part(part, single_bars(batch, bars_N)).mu_BZ.squeeze(1);
}

/// One part's latents: the true ones where the bar is revealed, found ones where it is missing.
torch::Tensor SketchNet::find_part(Part& part, const torch::Tensor& latents_BUZ, const Batch& batch,
                                   const torch::Tensor& revealed_BU) {
  const auto found_BUZ = part.inpainter(latents_BUZ, batch);
  const auto revealed_N = revealed_BU.flatten().nonzero().squeeze(1);
  if (revealed_N.numel() == 0) return found_BUZ;
  return found_BUZ.flatten(0, 1)
      .index_copy(0, send(revealed_N, found_BUZ.device()), true_latents(part, batch, revealed_N))
      .view_as(found_BUZ);
}

torch::Tensor SketchNet::find_missing(const torch::Tensor& latents_BUZ, const Batch& batch) {
  const auto present_BU = batch.lengths_BU > 0;
  const auto missing_BU = batch.missing_BU & present_BU;
  const auto revealed = [&](const torch::Tensor& told_BU) {
    return told_BU.defined() ? missing_BU & told_BU : torch::zeros_like(missing_BU);
  };
  const auto pitch_BU = revealed(batch.revealed_pitch_BU);
  const auto rhythm_BU = revealed(batch.revealed_rhythm_BU);
  const auto parts = latents_BUZ.chunk(2, -1);
  const auto given_BUZ = torch::cat({find_part(pitch_, parts[0], batch, pitch_BU),
                                     find_part(rhythm_, parts[1], batch, rhythm_BU)},
                                    -1);
  const auto& device = latents_BUZ.device();
  const auto open_BU2 = send(
      torch::stack({missing_BU & ~pitch_BU, missing_BU & ~rhythm_BU}, -1).contiguous(), device);
  const auto features_BUF =
      torch::cat({given_BUZ, open_BU2.to(given_BUZ.scalar_type()), batch.controls_BUC}, -1);
  const auto change_BUZ = connector_(features_BUF, send(present_BU, device));
  return given_BUZ + change_BUZ * open_BU2.repeat_interleave(bar_latent() / 2, -1);
}

/// Weights of the connector: its layers of attention and dense layers, and the layers before and
/// after them.
std::int64_t connector_weights(const ModelConfig& config, std::int64_t latent) {
  constexpr std::int64_t kLayers = 4, kWidth = ConnectorLayerImpl::kWidth;
  return kLayers * (attention_weights(2 * kWidth, config.bars) + 6 * kWidth * kWidth) +
         kWidth * (2 * latent + 2 + config.control_width);
}

}  // namespace

std::shared_ptr<Model> make_sketchnet(const ModelConfig& config, torch::Generator generator) {
  return std::make_shared<SketchNet>(config, std::move(generator));
}

std::int64_t sketchnet_weights(const ModelConfig& config) {
  const auto latent = config.latent / config.bars;
  return bar_vae_weights(config) +
         2 * (encoder_weights(config, EncoderKind::kFlat) +
              latent_inpainter_weights(config, latent / 2)) +
         connector_weights(config, latent);
}

}  // namespace musicvae::models
