#pragma once

#include <string>

#include "midi/live/playback.hpp"
#include "src/commands/options/common.hpp"

namespace musicvae::commands {

/// Says on standard error how many channels of `file` share one, as its ports have more than 16.
void warn_of_sharing(const std::string& file, const midi::Playback& playback,
                     const CommonOptions& common);

}  // namespace musicvae::commands
