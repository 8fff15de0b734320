#pragma once

#include <span>
#include <vector>

#include "src/music/music_model.hpp"
#include "src/music/musicvae.hpp"

namespace musicvae {

/// MusicVae::inpaint() in rows, for several pieces at once. All have the same number of bars (at
/// most the model's) and lack the same bars. Gives all bars of every fill, piece by piece: each
/// piece has one fill for each alternative.
std::vector<std::vector<datasets::BarRows>> inpaint_rows(
    const MusicModel& model, std::span<const std::vector<datasets::BarRows>> pieces,
    const std::vector<int>& missing, const InpaintingOptions& options);

}  // namespace musicvae
