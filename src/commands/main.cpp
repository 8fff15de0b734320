#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <iostream>

#include "src/commands/command_line.hpp"
#include "src/commands/engine.hpp"

namespace musicvae::commands {
namespace {

const Setups kSetups = {
#define PROGRAM_COMMAND(name, summary) {#name, setup_##name},
#include "src/commands/table.inc"
};

bool lives_in_engine(std::string_view name) {
  return std::any_of(kCommands.begin(), kCommands.end(), [=](const Command& command) {
    return command.name == name && command.home == Home::kEngine;
  });
}

/// LibTorch signs off each of its operators when it is unloaded, for a tenth of the time that a
/// short command takes. All our files are closed by now. (Leaks are looked for at a regular end.)
[[noreturn]] void leave(int code) {
  std::cout.flush();
  std::fflush(nullptr);
#ifdef __SANITIZE_ADDRESS__
  std::exit(code);
#else
  std::_Exit(code);
#endif
}

/// The command is the first word, as no option stands before it but --help and --version.
int run(int argc, char** argv) {
  if (argc > 1 && lives_in_engine(argv[1])) return load_engine()(argc, argv);
  return run_command_line(argc, argv, kSetups);
}

}  // namespace
}  // namespace musicvae::commands

int main(int argc, char** argv) {
  using namespace musicvae::commands;
  leave(guarded([=] { return run(argc, argv); }));
}
