#pragma once

#include <map>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

namespace musicvae::commands {

/// A command line with the keys of `--config FILE` as flags. They stand before the flags given by
/// hand, so that those win.
struct ExpandedCommandLine {
  std::vector<std::string> arguments;  ///< Reversed, as CLI11 takes them.
  /// "FILE, line 3", by flags that come from the file alone.
  std::map<std::string, std::string> places;
};

/// The file is TOML; its keys are the long flags of the command, which is one of the commands of
/// `app`, at the top or under a table of the command's name. Throws UsageError with file and line
/// on a file that is missing or no TOML, on a key that is no flag, and on a list where one value
/// belongs.
ExpandedCommandLine expand_config(std::vector<std::string> arguments, const CLI::App& app);

}  // namespace musicvae::commands
