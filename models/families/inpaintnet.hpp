#pragma once

#include <cstdint>
#include <memory>

#include "models/model.hpp"

namespace musicvae::models {

/// Music InpaintNet (Pati et al. 2019): a VAE of single bars and, over their latents, a LatentRNN
/// that finds those of missing bars (models/families/latent_inpainter.hpp). Train the VAE first,
/// without gaps, then the LatentRNN with nothing else (TrainingOptions::whole_steps, and a
/// gap_share of 1).
///
/// What differs from the paper: LSTMs stand for GRUs; a bar's latent goes to its ticks beside what
/// is made of it for each beat, and the ticks' LSTM goes on from beat to beat; a run's latents are
/// found at once, where theirs are decoded and encoded again bar by bar; rows are hidden at random
/// (LossOptions::row_dropout) where teacher forcing is left out at random, and there is no other
/// dropout. `conductor` is the size of the LatentRNN's stacks.
std::shared_ptr<Model> make_inpaintnet(const ModelConfig& config, torch::Generator generator);
std::int64_t inpaintnet_weights(const ModelConfig& config);

}  // namespace musicvae::models
