#include "models/settings.hpp"

#include <algorithm>
#include <concepts>
#include <sstream>
#include <utility>

#include "models/config.hpp"

namespace musicvae::models {
namespace {

using Json = nlohmann::json;

bool within(double value, const Rules& rules) {
  return value >= rules.least && value > rules.above && value <= rules.most && value < rules.below;
}

/// The rules in words: "at least 0 and below 1".
std::string describe(const Rules& rules) {
  const Rules open;
  std::ostringstream text;
  const auto add = [&](const char* words, double limit, double none) {
    if (limit != none) text << (text.tellp() > 0 ? " and " : "") << words << ' ' << limit;
  };
  add("at least", rules.least, open.least);
  add("above", rules.above, open.above);
  add("at most", rules.most, open.most);
  add("below", rules.below, open.below);
  return text.str();
}

std::string joined(const std::vector<std::string>& choices) {
  std::string text;
  for (const auto& choice : choices) text += (text.empty() ? "" : " or ") + choice;
  return text;
}

/// The JSON pointer of a key: "/encoder/layers" for "encoder.layers".
std::string path_of(std::string key) {
  std::replace(key.begin(), key.end(), '.', '/');
  return "/" + key;
}

/// Puts a JSON value into a setting. Throws ModelError where it has another type.
struct Assignment {
  const Setting& setting;
  const Json& value;

  void expect(bool fits, const char* expected) const {
    if (fits) return;
    throw ModelError(setting.key + ": expected " + expected + ", found " + value.type_name());
  }

  void operator()(bool* field) const {
    expect(value.is_boolean(), "true or false");
    *field = value.get<bool>();
  }
  void operator()(double* field) const {
    expect(value.is_number(), "a number");
    *field = value.get<double>();
  }
  template <std::integral Integer>
  void operator()(Integer* field) const {
    expect(value.is_number_integer(), "a whole number");
    const bool fits = value.is_number_unsigned()
                          ? std::in_range<Integer>(value.get<std::uint64_t>())
                          : std::in_range<Integer>(value.get<std::int64_t>());
    if (!fits) throw ModelError(setting.key + ": " + value.dump() + " is out of range");
    *field = value.get<Integer>();
  }
  /// Takes a text, or an enumeration by its names. The names are the setting's choices.
  template <class Text>
  void operator()(Text* field) const {
    expect(value.is_string(), "a text");
    *field = value.get<Text>();
  }
};

}  // namespace

void check(const Setting& setting, const Json& value) {
  if (value.is_number() && !within(value.get<double>(), setting.rules)) {
    throw ModelError(setting.key + " is " + value.dump() + "; it must be " +
                     describe(setting.rules));
  }
  if (!value.is_string() || setting.rules.choices.empty()) return;
  const auto text = value.get<std::string>();
  if (std::find(setting.rules.choices.begin(), setting.rules.choices.end(), text) ==
      setting.rules.choices.end()) {
    throw ModelError(setting.key + " is '" + text.substr(0, 60) + "'; it must be " +
                     joined(setting.rules.choices));
  }
}

void set(const Setting& setting, const Json& value) {
  check(setting, value);
  std::visit(Assignment{setting, value}, setting.value);
}

Json to_json(const std::vector<Setting>& settings) {
  Json json = Json::object();
  for (const auto& setting : settings) {
    json[Json::json_pointer(path_of(setting.key))] =
        std::visit([](const auto* field) { return Json(*field); }, setting.value);
  }
  return json;
}

void read_settings(const Json& json, const std::vector<Setting>& settings) {
  if (!json.is_object()) {
    throw ModelError(std::string("settings: expected an object, found ") + json.type_name());
  }
  const Json given = json.flatten();
  std::vector<std::string> known;
  for (const auto& setting : settings) {
    known.push_back(path_of(setting.key));
    const Json::json_pointer path(known.back());
    if (json.contains(path)) {
      set(setting, json.at(path));
    } else if (!setting.rules.absent.is_null()) {
      set(setting, setting.rules.absent);
    } else {
      throw ModelError("missing key " + setting.key);
    }
  }
  for (const auto& [path, value] : given.items()) {
    if (std::find(known.begin(), known.end(), path) != known.end()) continue;
    std::string key = path.substr(1, 60);
    std::replace(key.begin(), key.end(), '/', '.');
    throw UnknownSetting("unknown key " + key);
  }
}

void validate(const std::vector<Setting>& settings) {
  for (const auto& setting : settings) {
    std::visit([&](const auto* field) { check(setting, *field); }, setting.value);
  }
}

}  // namespace musicvae::models
