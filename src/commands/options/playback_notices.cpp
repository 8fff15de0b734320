#include "src/commands/options/playback_notices.hpp"

namespace musicvae::commands {

void warn_of_sharing(const std::string& file, const midi::Playback& playback,
                     const CommonOptions& common) {
  if (playback.sharing_channels == 0) return;
  log(common, "warning: " + file + ": its ports have more channels than the 16 of one port; " +
                  std::to_string(playback.sharing_channels) + " share the sound of another");
}

}  // namespace musicvae::commands
