#pragma once

#include <memory>

#include "models/model.hpp"

namespace musicvae::models {

/// The conductor VAE as an inpainter. Each bar is read by itself; for a missing bar stands a
/// learned vector. From the bars come z (their posterior) and, with z, a conductor that looks both
/// ways, whose output starts and accompanies the bar decoder, as in `hierarchical`.
///
/// For every bar to be found, a few attention heads (BarAttention) choose among the known bars by
/// what they hold, how far away they are, and how like their neighbours are to its own; the decoder
/// sees, row by row, what stands at the same place in the chosen ones: tunes repeat themselves.
///
/// Where no bars are missing it is a VAE like the others, whose conductor sees z alone.
std::shared_ptr<Model> make_masked(const ModelConfig& config, torch::Generator generator);

}  // namespace musicvae::models
