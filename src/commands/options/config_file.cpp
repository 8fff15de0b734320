#include "src/commands/options/config_file.hpp"

#include <algorithm>
#include <fstream>

#include <CLI/CLI.hpp>

#include "src/base/error.hpp"

namespace musicvae::commands {
namespace {

constexpr const char* kFlag = "--config";

/// Takes `--config FILE` or `--config=FILE` out of the arguments; empty where there is none.
std::string take_config(std::vector<std::string>& arguments) {
  const std::string joined = std::string(kFlag) + "=";
  for (auto it = arguments.begin(); it != arguments.end() && *it != "--"; ++it) {
    if (it->starts_with(joined)) {
      const std::string file = it->substr(joined.size());
      arguments.erase(it);
      return file;
    }
    if (*it == kFlag && it + 1 != arguments.end()) {
      const std::string file = *(it + 1);
      arguments.erase(it, it + 2);
      return file;
    }
  }
  return {};
}

bool concerns(const CLI::ConfigItem& item, const std::string& command) {
  const bool marks_a_table = item.name == "++" || item.name == "--";
  return !marks_a_table && (item.parents.empty() || item.parents.front() == command);
}

std::vector<std::string> flags_from(const std::string& file, const std::string& command) {
  std::ifstream input(file);
  if (!input) throw UsageError("cannot read the config file " + file);
  std::vector<std::string> flags;
  try {
    for (const auto& item : CLI::ConfigTOML().from_config(input)) {
      if (!concerns(item, command)) continue;
      std::string flag = item.name;
      std::replace(flag.begin(), flag.end(), '_', '-');  // TOML keys are often written with it
      for (const std::string& value : item.inputs) flags.push_back("--" + flag + "=" + value);
    }
  } catch (const CLI::Error& error) {
    throw UsageError("the config file " + file + " is not TOML: " + error.what());
  }
  return flags;
}

}  // namespace

std::vector<std::string> expand_config(std::vector<std::string> arguments) {
  const auto is_command = [](const std::string& word) { return !word.starts_with('-'); };
  const std::string file = take_config(arguments);
  const auto command = std::find_if(arguments.begin(), arguments.end(), is_command);
  if (!file.empty() && command != arguments.end()) {
    auto flags = flags_from(file, *command);
    // Ends the values of a flag that takes several, which would go on with the words after it.
    flags.push_back(std::string(kFlag) + "=" + file);
    arguments.insert(command + 1, flags.begin(), flags.end());
  }
  std::reverse(arguments.begin(), arguments.end());
  return arguments;
}

}  // namespace musicvae::commands
