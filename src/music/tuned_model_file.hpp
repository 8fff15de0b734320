#pragma once

#include <filesystem>
#include <string>

#include "src/music/music_model.hpp"

namespace musicvae {

/// Writes a model of family models::Tuned without its base, which it names: a model at hand, or a
/// file. load_model() reads it, and the base with it.
void save_tuned_model(const MusicModel& model, const std::string& base,
                      const std::filesystem::path& path);

}  // namespace musicvae
