#include "src/commands/options/checks.hpp"

#include <algorithm>

#include "src/base/text.hpp"

namespace musicvae::commands {
namespace {

std::string joined(const std::vector<std::string>& names, const std::string& separator) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : separator) + name;
  return text;
}

}  // namespace

CLI::Validator one_of(std::vector<std::string> names) {
  const std::string description = "{" + joined(names, ",") + "}";
  const auto check = [names](const std::string& value) -> std::string {
    if (std::find(names.begin(), names.end(), value) != names.end()) return "";
    return "there is no '" + value + "'; " +
           did_you_mean(value, names, "choose one of " + joined(names, ", "));
  };
  return {check, description};
}

}  // namespace musicvae::commands
