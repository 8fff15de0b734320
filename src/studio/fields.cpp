#include "src/studio/fields.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <sstream>

#include "src/base/json.hpp"

namespace musicvae::studio {
namespace {

constexpr std::size_t kMostLetters = 4096;
constexpr std::size_t kMostNumbers = 64;  // By name.

/// The number that its first four digits say.
double to_four_digits(double number) {
  char text[32];
  std::snprintf(text, sizeof text, "%.4g", number);
  return std::strtod(text, nullptr);
}

template <class Number>
std::string range_text(Number low, Number high) {
  std::ostringstream text;
  text << " from " << low << " to " << high;
  return text.str();
}

bool is_real(const nlohmann::json& value, double low, double high) {
  return value.is_number() && value >= low && value <= high;
}

}  // namespace

Fields::Fields(const std::string& text, const std::vector<std::string>& known) {
  try {
    json_ = parse_json(text, "the request");
  } catch (const Error& error) {
    throw BadRequest(error.what());
  }
  if (!json_.is_object()) throw BadRequest("the request must be a JSON object");
  for (const auto& [name, value] : json_.items()) {
    if (std::find(known.begin(), known.end(), name) == known.end()) {
      throw BadRequest("there is no field '" + name.substr(0, 64) + "'");
    }
  }
}

const nlohmann::json* Fields::find(const std::string& name) const {
  const auto found = json_.find(name);
  return found == json_.end() || found->is_null() ? nullptr : &*found;
}

std::optional<std::string> Fields::optional_text(const std::string& name) const {
  const auto* const value = find(name);
  if (value == nullptr) return {};
  if (!value->is_string() || value->get_ref<const std::string&>().size() > kMostLetters) {
    throw BadRequest("the field '" + name + "' must be a short text");
  }
  return value->get<std::string>();
}

std::string Fields::text(const std::string& name) const {
  const auto value = optional_text(name);
  if (!value) throw BadRequest("the field '" + name + "' is missing");
  return *value;
}

int Fields::number(const std::string& name, int low, int high, int usual) const {
  const auto* const value = find(name);
  if (value == nullptr) return usual;
  const bool in_range = value->is_number_integer() && *value >= low && *value <= high;
  if (!in_range) {
    throw BadRequest("the field '" + name + "' must be a whole number" + range_text(low, high));
  }
  return value->get<int>();
}

bool Fields::flag(const std::string& name) const {
  const auto* const value = find(name);
  if (value == nullptr) return false;
  if (!value->is_boolean()) throw BadRequest("the field '" + name + "' must be true or false");
  return value->get<bool>();
}

std::optional<double> Fields::real(const std::string& name, double low, double high) const {
  const auto* const value = find(name);
  if (value == nullptr) return {};
  if (!is_real(*value, low, high)) {
    throw BadRequest("the field '" + name + "' must be a number" + range_text(low, high));
  }
  return to_four_digits(value->get<double>());
}

std::vector<std::string> Fields::texts(const std::string& name, std::size_t count) const {
  const auto* const value = find(name);
  const auto is_text = [](const nlohmann::json& one) {
    return one.is_string() && one.get_ref<const std::string&>().size() <= kMostLetters;
  };
  if (value == nullptr || !value->is_array() || value->size() != count ||
      !std::all_of(value->begin(), value->end(), is_text)) {
    throw BadRequest("the field '" + name + "' must be a list of " + std::to_string(count) +
                     " short texts");
  }
  return value->get<std::vector<std::string>>();
}

std::vector<std::pair<double, double>> Fields::points(const std::string& name,
                                                      std::size_t most) const {
  const auto* const value = find(name);
  if (value == nullptr) return {};
  const auto is_point = [](const nlohmann::json& one) {
    return one.is_array() && one.size() == 2 && is_real(one[0], 0.0, 1.0) &&
           is_real(one[1], 0.0, 1.0);
  };
  if (!value->is_array() || value->size() > most ||
      !std::all_of(value->begin(), value->end(), is_point)) {
    throw BadRequest("the field '" + name + "' must be a list of at most " + std::to_string(most) +
                     " pairs of numbers from 0 to 1");
  }
  std::vector<std::pair<double, double>> points;
  for (const auto& one : *value) {
    points.emplace_back(to_four_digits(one[0].get<double>()), to_four_digits(one[1].get<double>()));
  }
  return points;
}

std::vector<std::pair<std::string, double>> Fields::reals(const std::string& name, double low,
                                                          double high) const {
  const auto* const value = find(name);
  if (value == nullptr) return {};
  const auto is_good = [&](const nlohmann::json& one) { return is_real(one, low, high); };
  if (!value->is_object() || value->size() > kMostNumbers ||
      !std::all_of(value->begin(), value->end(), is_good)) {
    throw BadRequest("the field '" + name + "' must be an object of numbers" +
                     range_text(low, high));
  }
  std::vector<std::pair<std::string, double>> numbers;
  for (const auto& [key, one] : value->items()) {
    numbers.emplace_back(key, to_four_digits(one.get<double>()));
  }
  return numbers;
}

std::optional<std::uint64_t> Fields::seed(const std::string& name) const {
  const auto* const value = find(name);
  if (value == nullptr) return {};
  if (!value->is_number_unsigned()) {
    throw BadRequest("the field '" + name + "' must be a whole number from 0");
  }
  return value->get<std::uint64_t>();
}

}  // namespace musicvae::studio
