#include "src/commands/command_line.hpp"

#include <iostream>

#include "src/base/error.hpp"
#include "src/commands/options/config_file.hpp"
#include "src/music/version.hpp"

namespace musicvae::commands {
namespace {

void setup(CLI::App& app, const Setups& setups) {
  app.description("Hierarchical recurrent VAEs for symbolic music");
  app.set_version_flag("--version", std::string("musicvae ") + version());
  app.require_subcommand(1);
  app.option_defaults()->take_last();  // so that flags win over --config
  for (const Command& command : kCommands) {
    auto* added = app.add_subcommand(std::string(command.name), std::string(command.summary));
    if (const auto found = setups.find(command.name); found != setups.end()) found->second(*added);
  }
}

int fail(const char* message, ExitCode code) {
  std::cerr << "musicvae: " << message << '\n';
  return code;
}

}  // namespace

int run_command_line(int argc, char** argv, const Setups& setups) {
  CLI::App app;
  setup(app, setups);
  try {
    app.parse(expand_config({argv + 1, argv + argc}));
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? kExitDone : kExitUsage;
  }
  return kExitDone;
}

int guarded(const std::function<int()>& run) {
  try {
    return run();
  } catch (const UsageError& error) {
    return fail(error.what(), kExitUsage);
  } catch (const Interrupted& error) {
    return fail(error.what(), kExitInterrupted);
  } catch (const std::bad_alloc&) {
    return fail("out of memory", kExitFailed);
  } catch (const std::exception& error) {
    return fail(error.what(), kExitFailed);
  }
}

}  // namespace musicvae::commands
