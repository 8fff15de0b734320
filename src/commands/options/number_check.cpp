#include "src/commands/options/number_check.hpp"

#include <cerrno>
#include <cmath>
#include <cstdlib>
#include <string>

namespace musicvae::commands {
namespace {

const std::string kBeyond = " is beyond what this number can be";

/// These say what is wrong with a number, and nothing of what is no number.
std::string signed_fault(const std::string& text) {
  errno = 0;
  static_cast<void>(std::strtoll(text.c_str(), nullptr, 0));
  return errno == ERANGE ? text + kBeyond : "";
}

std::string unsigned_fault(const std::string& text) {
  if (text.starts_with('-')) return text + " is below 0";
  errno = 0;
  static_cast<void>(std::strtoull(text.c_str(), nullptr, 0));
  return errno == ERANGE ? text + kBeyond : "";
}

std::string fraction_fault(const std::string& text) {
  return std::isfinite(std::strtod(text.c_str(), nullptr)) ? "" : text + " is no finite number";
}

}  // namespace

void refuse_odd_numbers(CLI::App& command) {
  for (CLI::Option* option : command.get_options()) {
    const std::string type = option->get_type_name();
    if (type.starts_with("UINT")) option->check(unsigned_fault);
    if (type.starts_with("INT")) option->check(signed_fault);
    if (type.starts_with("FLOAT")) option->check(fraction_fault);
  }
}

}  // namespace musicvae::commands
