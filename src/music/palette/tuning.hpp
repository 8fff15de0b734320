#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>

#include "src/music/musicvae.hpp"

/// A model of one's own pieces, learned in seconds on top of another model.
namespace musicvae {

struct TuningOptions {
  int dimensions = 4;  ///< How many its latents have.
  int steps = 200;     ///< How long it trains.
  std::uint64_t seed = 1;
};

inline constexpr std::size_t kMostTuningPieces = 200;

/// A small VAE over the latents of `pieces` (models/families/tuned.hpp), as a model like any other.
/// What the codec could not say is added to `dropped`. Throws Error where nothing sounds in the
/// pieces, or `base` is tuned itself.
MusicVae tune(const MusicVae& base, std::span<const datasets::Passage> pieces,
              const TuningOptions& options = {}, datasets::Dropped* dropped = nullptr);

/// Whether `model` is one that tune() gave.
bool is_tuned(const MusicVae& model);

/// Writes what tune() gave, without its base, which `base` names: a model at hand, or a file.
void save_tuned(const MusicVae& tuned, const std::string& base, const std::filesystem::path& path);

}  // namespace musicvae
