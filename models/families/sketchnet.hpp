#pragma once

#include <cstdint>
#include <memory>

#include "models/model.hpp"

namespace musicvae::models {

/// Music SketchNet (Chen et al. 2020): as `inpaintnet`, but a bar's latent has two halves. One says
/// the bar's pitches in their order, without their times; the other its rhythm, in which all
/// pitches are one. Each half has its own inpainter; then a connector, a transformer over the bars'
/// latents, corrects what they found. In training each half of a missing bar is told with
/// probability kRevealShare, so that a user may give the one and have the other found
/// (Batch::revealed_pitch_BU and revealed_rhythm_BU).
///
/// It differs from the paper as `inpaintnet` does; besides, the connector adds to what the
/// inpainters found, and leaves alone what it was told.
///
/// It is only for tokens of which some name pitches (ModelConfig::pitch_count). On a GPU the host
/// waits for the device once a batch, to learn how many these are.
std::shared_ptr<Model> make_sketchnet(const ModelConfig& config, torch::Generator generator);
std::int64_t sketchnet_weights(const ModelConfig& config);

}  // namespace musicvae::models
