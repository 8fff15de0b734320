#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <variant>
#include <vector>

#include <nlohmann/json.hpp>

#include "models/error.hpp"

/// Settings as a table. JSON files, the command line and the checks all walk the same rows, so that
/// a setting's name, meaning and range are written down once.
namespace musicvae::models {

enum class RowKind;
enum class EncoderKind;

/// The rules that a setting's value keeps to.
struct Rules {
  double least = -std::numeric_limits<double>::infinity();
  double above = -std::numeric_limits<double>::infinity();
  double most = std::numeric_limits<double>::infinity();
  double below = std::numeric_limits<double>::infinity();
  std::vector<std::string> choices = {};  ///< The values that a text may have.
  /// The value in a file without the key, which was written before the setting existed. If null,
  /// every file must have the key.
  nlohmann::json absent = {};
  std::string flag = {};  ///< The flag on the command line, where it does not follow from the key.
};

/// One row: a setting, and where its value lies.
struct Setting {
  /// The name in JSON files. A dot leads into an object: "encoder.layers".
  std::string key;
  std::variant<bool*, int*, std::int64_t*, std::uint64_t*, double*, std::string*, RowKind*,
               EncoderKind*>
      value;
  std::string help;  ///< For users; empty where the setting follows from others.
  Rules rules = {};
};

/// A file has a setting that this program does not know.
class UnknownSetting : public ModelError {
 public:
  using ModelError::ModelError;
};

/// Throws ModelError where `value` is out of the setting's range or none of its choices.
void check(const Setting& setting, const nlohmann::json& value);
/// Throws ModelError where `value` has another type than the setting, or check() does.
void set(const Setting& setting, const nlohmann::json& value);
/// The values as they are now, one JSON object.
nlohmann::json to_json(const std::vector<Setting>& settings);
/// Sets all settings from what to_json() gave. Throws ModelError where a key is missing or set()
/// does, and UnknownSetting where no setting has a key.
void read_settings(const nlohmann::json& json, const std::vector<Setting>& settings);
/// Throws ModelError naming the first setting whose value check() refuses.
void validate(const std::vector<Setting>& settings);

}  // namespace musicvae::models
