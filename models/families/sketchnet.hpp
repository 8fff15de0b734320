#pragma once

#include <cstdint>
#include <memory>

#include "models/model.hpp"

namespace musicvae::models {

/// Music SketchNet (Chen et al. 2020). It is `inpaintnet`, but a bar's latent has two halves. One
/// half tells the bar's pitches in their order, without their times. The other tells its rhythm, in
/// which all pitches are the same. Each half has its own inpainter. Then a connector, a transformer
/// over the bars' latents, corrects what they found. In training, each half of a missing bar is
/// told with probability kRevealShare, so that a user may give one half and have the other found
/// (Batch::revealed_pitch_BU and revealed_rhythm_BU).
///
/// It differs from the paper as `inpaintnet` does. Besides, the connector adds its correction to
/// the halves that were found, and leaves those that were told as they are.
///
/// Its rows must be tokens, and some tokens must name pitches (ModelConfig::pitch_count). On a GPU
/// the host waits for the device once a batch, to learn how many rows name a pitch.
std::shared_ptr<Model> make_sketchnet(const ModelConfig& config, torch::Generator generator);
std::int64_t sketchnet_weights(const ModelConfig& config);

}  // namespace musicvae::models
