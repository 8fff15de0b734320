#include "src/studio/fields.hpp"

#include <algorithm>
#include <sstream>

#include "src/base/json.hpp"

namespace musicvae::studio {
namespace {

constexpr std::size_t kMostLetters = 4096;

template <class Number>
std::string range_text(Number low, Number high) {
  std::ostringstream text;
  text << " from " << low << " to " << high;
  return text.str();
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

std::optional<double> Fields::real(const std::string& name, double low, double high) const {
  const auto* const value = find(name);
  if (value == nullptr) return {};
  if (!value->is_number() || !(*value >= low && *value <= high)) {
    throw BadRequest("the field '" + name + "' must be a number" + range_text(low, high));
  }
  return value->get<double>();
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
