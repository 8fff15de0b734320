#pragma once

#include <array>
#include <string_view>

#include <CLI/CLI.hpp>

/// The commands of table.inc. Each has one function, which declares the command's options and what
/// to run once they are parsed.
namespace musicvae::commands {

enum class Home { kProgram, kEngine };

struct Command {
  std::string_view name;
  std::string_view summary;
  std::string_view example;  ///< What to write behind "musicvae", as --help shows it.
  Home home;
};

inline constexpr auto kCommands = std::to_array<Command>({
#define PROGRAM_COMMAND(name, summary, example) {#name, summary, example, Home::kProgram},
#define ENGINE_COMMAND(name, summary, example) {#name, summary, example, Home::kEngine},
#include "src/commands/table.inc"
});

#define PROGRAM_COMMAND(name, summary, example) void setup_##name(CLI::App& command);
#define ENGINE_COMMAND(name, summary, example) void setup_##name(CLI::App& command);
#include "src/commands/table.inc"

}  // namespace musicvae::commands
