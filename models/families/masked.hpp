#pragma once

#include <cstdint>
#include <memory>

#include "models/model.hpp"

namespace musicvae::models {

/// The conductor VAE as an inpainter. Each bar is read by itself, and a learned vector stands for a
/// missing bar. These readings give the posterior of z. A bidirectional conductor reads them too,
/// together with z. Its output starts and accompanies the bar decoder, as in `hierarchical`.
///
/// For every bar to be found, a few attention heads (BarAttention) choose among the known bars: by
/// what they hold, by their distance, and by how much their neighbours resemble the bar's own.
/// Tunes repeat themselves, so the decoder sees, row by row, what stands at the same place in the
/// chosen bars.
///
/// Where no bar is missing it is a VAE like the others, whose conductor sees z alone.
std::shared_ptr<Model> make_masked(const ModelConfig& config, torch::Generator generator);
std::int64_t masked_weights(const ModelConfig& config);

}  // namespace musicvae::models
