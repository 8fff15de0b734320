#pragma once

#include "datasets/corpus/windows.hpp"
#include "src/distributed/distributed.hpp"
#include "src/music/music_model.hpp"

namespace musicvae {

/// Measures how bar latents are spread over some batches of `corpus`, and tells the model's prior
/// (models::Model::set_latent_scale()). Several processes share the work and get the same numbers.
void fit_latent_scale(MusicModel& model, const datasets::Corpus& corpus,
                      const datasets::WindowOptions& windows, const Distributed& processes);

}  // namespace musicvae
