#include "src/commands/options/figure_section.hpp"

#include <cstdio>
#include <iostream>

namespace musicvae::commands {
namespace {

std::string in_column(const std::string& text) {
  char column[32];
  std::snprintf(column, sizeof column, " %12s", text.c_str());
  return column;
}

std::string describe(const nlohmann::ordered_json& value) {
  if (value.is_null()) return "-";
  char text[32];
  std::snprintf(text, sizeof text, value.is_number_float() ? "%.4f" : "%.0f", value.get<double>());
  return text;
}

std::string at_start(const std::string& text) {
  char start[80];
  std::snprintf(start, sizeof start, "%-35s", text.c_str());
  return start;
}

}  // namespace

void print_table(const FigureSection& section) {
  if (!section.heading.empty()) {
    std::string line = at_start(section.heading);
    for (const auto& [name, figures] : section.columns) line += in_column(name);
    std::cout << '\n' << line.substr(0, line.find_last_not_of(' ') + 1) << '\n';
  }
  const std::string indent = section.heading.empty() ? "" : "  ";
  for (const auto& [key, first] : section.columns.front().second.items()) {
    std::string line = at_start(indent + key);
    for (const auto& [name, figures] : section.columns)
      line += in_column(describe(figures.at(key)));
    std::cout << line << '\n';
  }
}

void add_section(const FigureSection& section, nlohmann::json& json) {
  nlohmann::json& part = json[section.name];
  part = section.settings;
  for (const auto& [name, figures] : section.columns) {
    if (name.empty()) {
      part.update(nlohmann::json(figures));
    } else {
      part[name] = figures;
    }
  }
}

}  // namespace musicvae::commands
