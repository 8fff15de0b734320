#include "src/commands/options/config_file.hpp"

#include <algorithm>
#include <sstream>
#include <utility>

#include "src/base/error.hpp"
#include "src/base/file.hpp"

namespace musicvae::commands {
namespace {

constexpr const char* kFlag = "--config";
constexpr std::size_t kMostBytes = std::size_t{1} << 20;

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

std::string read_config(const std::string& file) {
  std::string text;
  try {
    const auto bytes = read_file(file, kMostBytes);
    text.assign(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  } catch (const Error& error) {
    throw UsageError("--config: " + std::string(error.what()));
  }
  if (text.starts_with("\xEF\xBB\xBF")) {
    throw UsageError(file + ", line 1: a byte order mark stands before '" +
                     text.substr(3, text.find_first_of("\r\n") - 3) +
                     "'; save the file as UTF-8 without one");
  }
  return text;
}

/// "FILE, line 3" of the line that sets a key.
std::string place_of(const CLI::ConfigItem& item, const std::string& file,
                     const std::string& text) {
  std::istringstream lines(text);
  std::string table, line;
  for (int number = 1; std::getline(lines, line); ++number) {
    line = CLI::detail::trim_copy(line);
    if (line.starts_with('[')) table = line.substr(1, line.find(']') - 1);
    std::string key = CLI::detail::trim_copy(line.substr(0, line.find('=')));
    if (const auto dot = key.rfind('.'); dot != key.npos) key.erase(0, dot + 1);
    CLI::detail::remove_quotes(key);
    const bool in_table = table.empty() || item.parents.empty() || item.parents.front() == table;
    if (key == item.name && in_table) return file + ", line " + std::to_string(number);
  }
  return file;
}

std::string listed(const std::vector<std::string>& values) {
  std::string text;
  for (const std::string& value : values) text += (text.empty() ? "" : ",") + value;
  return text;
}

void check_item(const CLI::ConfigItem& item, const CLI::Option* option, const std::string& place) {
  if (option == nullptr) throw UsageError(place + ": there is no option '" + item.name + "'");
  if (item.inputs.size() > 1 && option->get_items_expected_max() == 1) {
    throw UsageError(place + ": " + item.name + " takes one value, and '" + listed(item.inputs) +
                     "' is a list; the decimal sign is a point");
  }
}

/// Notes in `expanded` where each flag stands.
std::vector<std::string> flags_from(const std::string& file, const CLI::App& command,
                                    ExpandedCommandLine& expanded) {
  const std::string text = read_config(file);
  std::istringstream input(text);
  std::vector<std::string> flags;
  try {
    for (const auto& item : CLI::ConfigTOML().from_config(input)) {
      if (!concerns(item, command.get_name())) continue;
      std::string flag = "--" + item.name;
      std::replace(flag.begin(), flag.end(), '_', '-');  // TOML keys are often written with it
      const std::string place = place_of(item, file, text);
      check_item(item, command.get_option_no_throw(flag), place);
      expanded.places[flag] = place;
      for (const std::string& value : item.inputs) flags.push_back(flag + "=" + value);
    }
  } catch (const CLI::Error& error) {
    throw UsageError("the config file " + file + " is not TOML: " + error.what());
  }
  return flags;
}

}  // namespace

ExpandedCommandLine expand_config(std::vector<std::string> arguments, const CLI::App& app) {
  const auto is_command = [](const std::string& word) { return !word.starts_with('-'); };
  ExpandedCommandLine expanded;
  const std::string file = take_config(arguments);
  const auto word = std::find_if(arguments.begin(), arguments.end(), is_command);
  const auto commands = app.get_subcommands({});
  const auto command = std::find_if(commands.begin(), commands.end(), [&](const CLI::App* known) {
    return word != arguments.end() && known->get_name() == *word;
  });
  if (!file.empty() && command != commands.end()) {
    auto flags = flags_from(file, **command, expanded);
    std::erase_if(expanded.places, [&](const auto& entry) {
      return std::any_of(arguments.begin(), arguments.end(), [&](const std::string& argument) {
        return argument.substr(0, argument.find('=')) == entry.first;
      });
    });
    // Ends the values of a flag that takes several, which would go on with the words after it.
    flags.push_back(std::string(kFlag) + "=" + file);
    arguments.insert(word + 1, flags.begin(), flags.end());
  }
  std::reverse(arguments.begin(), arguments.end());
  expanded.arguments = std::move(arguments);
  return expanded;
}

}  // namespace musicvae::commands
