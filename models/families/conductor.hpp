#pragma once

#include <cstdint>
#include <memory>

#include "models/model.hpp"

namespace musicvae::models {

/// MusicVAE's hierarchy (Roberts et al. 2018) with stochastic bars: each bar has a latent of its
/// own, q(z_u | bar u), from which its rows are made, and the conductor is their prior
/// (models/families/bar_prior.hpp). So a piece keeps its notes, however long it is, and new music
/// follows from what went before. Bars are read and made by models/layers/dense_bars.hpp. A note
/// that is held over a bar line is in the latents of both bars.
///
/// `bars` is how many bars the conductor is trained on and sees at once; music may have more.
/// `latent` is the size of one bar's latent, `conductor` that of the prior's networks, and
/// `encoder` and `decoder` those of the layers between a bar's rows and its latent.
std::shared_ptr<Model> make_conductor(const ModelConfig& config, torch::Generator generator);
std::int64_t conductor_weights(const ModelConfig& config);

/// Whether two conductors read and make bars alike, whatever their priors.
bool have_equal_bars(const ModelConfig& a, const ModelConfig& b);

}  // namespace musicvae::models
