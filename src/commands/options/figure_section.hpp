#pragma once

#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

namespace musicvae::commands {

/// Figures that are shown together: as a table, or as a part of a JSON object.
struct FigureSection {
  std::string name;                 ///< Its key in JSON.
  std::string heading;              ///< Above the table; none where empty.
  nlohmann::ordered_json settings;  ///< In JSON only, beside the columns.
  /// Objects of numbers or null that have the same keys, each with a name. A lone column without a
  /// name is the section itself in JSON.
  std::vector<std::pair<std::string, nlohmann::ordered_json>> columns;
};

/// A line for each figure on standard output; "-" stands for null.
void print_table(const FigureSection& section);

/// Adds the section to `json`.
void add_section(const FigureSection& section, nlohmann::json& json);

}  // namespace musicvae::commands
