#pragma once

#include <string>
#include <vector>

namespace musicvae::commands {

/// Command-line arguments with the keys of `--config FILE` as flags. They stand before the flags
/// given by hand, so that those win. The file is TOML; its keys are the command's long flags,
/// at the top or under a table of the command's name. The result is reversed, as CLI11 takes it.
/// Throws UsageError on a file that is missing or no TOML.
std::vector<std::string> expand_config(std::vector<std::string> arguments);

}  // namespace musicvae::commands
