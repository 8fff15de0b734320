#include "models/families/inpaintnet.hpp"

#include <utility>

#include "models/families/bar_vae.hpp"
#include "models/families/latent_inpainter.hpp"
#include "models/families/weights.hpp"
#include "models/layers/encoder.hpp"

namespace musicvae::models {
namespace {

class InpaintNet : public BarVae {
 public:
  InpaintNet(const ModelConfig& config, torch::Generator generator);

 private:
  Posterior encode_known_bars(const Batch& batch) override {
    return posterior_(encode_bars(config().row_kind, rows_, batch));
  }
  torch::Tensor find_missing(const torch::Tensor& latents_BUZ, const Batch& batch) override {
    return inpainter_(latents_BUZ, batch);
  }

  Lstm rows_;  // Reads the rows of a bar.
  PosteriorHead posterior_;
  LatentInpainter inpainter_;
};

InpaintNet::InpaintNet(const ModelConfig& config, torch::Generator generator)
    : BarVae(config, 1, generator),
      rows_(make_bar_reader(config, generator)),
      posterior_(config.encoder, bar_latent(), generator),
      inpainter_(config, bar_latent(), generator) {
  register_module("rows", rows_);
  register_module("posterior", posterior_);
  register_module("inpainter", inpainter_);
}

}  // namespace

std::shared_ptr<Model> make_inpaintnet(const ModelConfig& config, torch::Generator generator) {
  return std::make_shared<InpaintNet>(config, std::move(generator));
}

std::int64_t inpaintnet_weights(const ModelConfig& config) {
  return bar_vae_weights(config) + encoder_weights(config, EncoderKind::kFlat) +
         latent_inpainter_weights(config, config.latent / config.bars);
}

}  // namespace musicvae::models
