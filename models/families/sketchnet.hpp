#pragma once

#include <memory>

#include "models/model.hpp"

namespace musicvae::models {

/// Music SketchNet (Chen et al. 2020): as `inpaintnet`, but a bar's latent is that of its pitches,
/// in their order and without their times, beside that of its rhythm, in which all pitches are one.
/// Each has its own inpainter; then a connector, a transformer over the bars' latents, corrects
/// what they found. In training each part of a missing bar is told with probability kRevealShare,
/// so that a user may give the one and have the other found (Batch::revealed_pitch_BU and
/// revealed_rhythm_BU).
///
/// What differs from the paper besides what does in `inpaintnet`: the connector adds to what the
/// inpainters found, and leaves alone what it was told.
///
/// It is only for tokens of which some name pitches (ModelConfig::pitch_count). On a GPU the host
/// waits for the device once a batch, to learn how many these are.
std::shared_ptr<Model> make_sketchnet(const ModelConfig& config, torch::Generator generator);

}  // namespace musicvae::models
