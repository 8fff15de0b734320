#pragma once

#include <string>

#include "datasets/grid/grid.hpp"

namespace musicvae {

/// The style of music that comes from no file: one part, "musicvae", with a General MIDI program,
/// and so many quarters a minute. It states `key`, as "D-minor", where that is major or minor.
datasets::ScoreStyle style_of_new_music(double tempo, int program, const std::string& key);

}  // namespace musicvae
