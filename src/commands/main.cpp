#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "src/base/error.hpp"
#include "src/base/lost_file.hpp"
#include "src/base/standard_streams.hpp"
#include "src/commands/command_line.hpp"
#include "src/commands/engine.hpp"

namespace musicvae::commands {
namespace {

const Setups kSetups = {
#define PROGRAM_COMMAND(name, summary, example) {#name, setup_##name},
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
  std::fflush(nullptr);
#ifdef __SANITIZE_ADDRESS__
  std::exit(code);
#else
  std::_Exit(code);
#endif
}

/// "help COMMAND" as "COMMAND --help".
std::vector<char*> without_help_command(std::vector<char*> arguments) {
  static std::string help = "--help";
  if (arguments.size() < 2 || std::string_view(arguments[1]) != "help") return arguments;
  arguments.erase(arguments.begin() + 1);
  arguments.push_back(help.data());
  return arguments;
}

/// The command is the first word, as no option stands before it but --help and --version.
int run(std::vector<char*> arguments) {
  arguments = without_help_command(std::move(arguments));
  const auto count = static_cast<int>(arguments.size());
  const bool engine = count > 1 && lives_in_engine(arguments[1]);
  const int code = engine ? load_engine()(count, arguments.data())
                          : run_command_line(count, arguments.data(), kSetups);
  if (code == kExitDone) StandardStreams::finish();
  return code;
}

}  // namespace
}  // namespace musicvae::commands

int main(int argc, char** argv) {
  using namespace musicvae::commands;
  std::signal(SIGXFSZ, SIG_IGN);  // Writing beyond `ulimit -f` becomes an error that has words.
  musicvae::explain_lost_files();
  int code = 0;
  {
    const musicvae::StandardStreams streams;
    code = guarded([=] { return run({argv, argv + argc}); });
  }
  leave(code);
}
