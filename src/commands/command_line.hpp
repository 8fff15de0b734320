#pragma once

#include <functional>
#include <map>
#include <string_view>

#include "src/commands/commands.hpp"

namespace musicvae::commands {

/// How to set up the commands of one home, by name.
using Setups = std::map<std::string_view, void (*)(CLI::App&)>;

/// Parses the command line and runs the command it names, one of `setups`; the others are known to
/// --help by name only. The program's exit code; throws what the command throws.
int run_command_line(int argc, char** argv, const Setups& setups);

/// The exit code of `run`, its exceptions as messages on standard error.
int guarded(const std::function<int()>& run);

}  // namespace musicvae::commands
