#pragma once

#include <cstdint>
#include <filesystem>

#include "src/music/music_model.hpp"

namespace musicvae {

/// What a model makes up after `step` steps, as a MIDI file in `folder`: some bars from its prior,
/// always with the same seed, so that one hears how it learns. Writes none where the model makes no
/// music yet, or the folder takes no files.
void write_run_sample(const MusicModel& model, std::int64_t step,
                      const std::filesystem::path& folder);

}  // namespace musicvae
