#pragma once

#include <charconv>
#include <concepts>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

/// Checks of the values of options, whose messages say in our words what would do.
namespace musicvae::commands {

/// One of `names`.
CLI::Validator one_of(std::vector<std::string> names);

/// A number from `low` to `high`.
template <class Number>
CLI::Validator between(Number low, Number high) {
  std::ostringstream range, text;
  range << low << '-' << high;
  text << (std::integral<Number> ? "a whole number from " : "a number from ") << low << " to "
       << high;
  const auto check = [=, wanted = text.str()](const std::string& value) -> std::string {
    Number number{};
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
    const bool read = error == std::errc() && end == value.data() + value.size();
    return read && number >= low && number <= high ? "" : "'" + value + "' is not " + wanted;
  };
  return {check, range.str()};
}

/// An option that takes one of the names of `choices`.
template <class Value>
CLI::Option* add_choice(CLI::App& command, const std::string& flag, Value& value,
                        const std::map<std::string, Value>& choices, const std::string& help) {
  std::vector<std::string> names;
  for (const auto& [name, choice] : choices) names.push_back(name);
  const auto take = [&value, choices](const std::string& name) { value = choices.at(name); };
  return command.add_option_function<std::string>(flag, take, help)->check(one_of(names));
}

}  // namespace musicvae::commands
