#pragma once

#include <cstdint>
#include <memory>

#include "models/model.hpp"

namespace musicvae::models {

/// Music InpaintNet (Pati et al. 2019): a VAE of single bars, and a LatentRNN that finds the
/// latents of missing bars (models/families/latent_inpainter.hpp). Train the VAE first, without
/// gaps, and then the LatentRNN alone (TrainingOptions::whole_steps, and a gap_share of 1).
///
/// It differs from the paper as follows. LSTMs stand for GRUs. The ticks' LSTM reads the bar's
/// latent beside its beat's features, and goes on from beat to beat. The latents of a run are found
/// all at once; the paper decodes and encodes again bar by bar. Rows are hidden at random
/// (LossOptions::row_dropout); the paper leaves out teacher forcing at random. There is no other
/// dropout. `conductor` is the size of the LatentRNN's stacks.
std::shared_ptr<Model> make_inpaintnet(const ModelConfig& config, torch::Generator generator);
std::int64_t inpaintnet_weights(const ModelConfig& config);

}  // namespace musicvae::models
