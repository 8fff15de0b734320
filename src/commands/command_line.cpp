#include "src/commands/command_line.hpp"

#include <algorithm>
#include <cctype>
#include <iostream>
#include <string>
#include <utility>
#include <vector>

#include "src/base/error.hpp"
#include "src/base/text.hpp"
#include "src/commands/options/config_file.hpp"
#include "src/commands/options/number_check.hpp"
#include "src/music/version.hpp"

namespace musicvae::commands {
namespace {

constexpr const char* kProgram = "musicvae";

void setup(CLI::App& app, const Setups& setups) {
  app.name(kProgram);
  app.description("Hierarchical recurrent VAEs for symbolic music");
  app.set_version_flag("-V,--version", std::string("musicvae ") + version());
  app.require_subcommand(1);
  app.option_defaults()->take_last();  // so that flags win over --config
  app.footer("musicvae help COMMAND tells more of one.");
  for (const Command& command : kCommands) {
    auto* added = app.add_subcommand(std::string(command.name), std::string(command.summary));
    added->footer("Example:\n  musicvae " + std::string(command.example));
    if (const auto found = setups.find(command.name); found != setups.end()) found->second(*added);
    refuse_odd_numbers(*added);
  }
}

/// Throws UsageError unless the first word is a command or an option.
void check_command(const std::vector<std::string>& words) {
  const std::string advice = "`musicvae --help` lists the commands";
  if (words.empty()) throw UsageError("no command is named; " + advice);
  std::vector<std::string> names;
  for (const Command& command : kCommands) names.emplace_back(command.name);
  const std::string& word = words.front();
  if (word.starts_with('-') || std::find(names.begin(), names.end(), word) != names.end()) return;
  throw UsageError("there is no command '" + word + "'; " + did_you_mean(word, names, advice));
}

/// The long names of all options, with their dashes.
std::vector<std::string> option_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  }
  return names;
}

/// What is wrong with a command line that CLI11 could not parse. A word that is left over says more
/// than what is missing in its place.
std::string explain(const CLI::App& app, const CLI::ParseError& error) {
  const auto commands = app.get_subcommands();
  const CLI::App& command = commands.empty() ? app : *commands.front();
  const std::string name = commands.empty() ? kProgram : command.get_name();
  const std::string advice =
      "`musicvae " + (commands.empty() ? "" : name + " ") + "--help` lists what there is";
  const auto left_over = app.remaining(true);
  const auto option = std::find_if(left_over.begin(), left_over.end(),
                                   [](const std::string& word) { return word.starts_with("-"); });
  if (option != left_over.end()) {
    const std::string flag = option->substr(0, option->find('='));
    return name + " has no option " + flag + "; " +
           did_you_mean(flag, option_names(command), advice);
  }
  if (!left_over.empty()) {
    return name + " cannot use the word '" + left_over.front() + "'; " + advice;
  }
  std::string text = error.what();
  const bool lacks = dynamic_cast<const CLI::ArgumentMismatch*>(&error) != nullptr;
  if (lacks) text = text.substr(0, text.find(':')) + " lacks a value";
  return text.ends_with('?') ? text : text + "; " + advice;
}

int fail(const char* message, ExitCode code) {
  std::cerr << "musicvae: " << message << '\n';
  return code;
}

/// Says where the fault is, where a flag came from a file.
void blame_config(const ExpandedCommandLine& line, const CLI::ParseError& error) {
  const std::string message = error.what();
  for (const auto& [flag, place] : line.places) {
    const auto at = message.find(flag);
    if (at == message.npos) continue;
    const char next = message.c_str()[at + flag.size()];
    if (next != '-' && std::isalnum(static_cast<unsigned char>(next)) == 0)
      throw UsageError(place + ": " + message);
  }
}

}  // namespace

int run_command_line(int argc, char** argv, const Setups& setups) {
  const std::vector<std::string> words(argv + 1, argv + argc);
  check_command(words);
  CLI::App app;
  setup(app, setups);
  auto line = expand_config(words, app);
  try {
    app.parse(std::move(line.arguments));
  } catch (const CLI::Success& asked) {  // For help or the version.
    app.exit(asked);
  } catch (const CLI::ParseError& error) {
    blame_config(line, error);
    throw UsageError(explain(app, error));
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
