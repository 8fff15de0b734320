#pragma once

#include <span>
#include <vector>

#include "src/music/music_model.hpp"
#include "src/music/musicvae.hpp"

namespace musicvae {

/// MusicVae::inpaint() in rows, of B pieces at once, each with the same number of bars (at most the
/// model's) and the same bars missing: one fill a piece and alternative, piece by piece, all their
/// bars.
std::vector<std::vector<datasets::BarRows>> inpaint_rows(
    const MusicModel& model, std::span<const std::vector<datasets::BarRows>> pieces,
    const std::vector<int>& missing, const InpaintingOptions& options);

}  // namespace musicvae
