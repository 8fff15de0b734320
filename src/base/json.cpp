#include "src/base/json.hpp"

#include "src/base/error.hpp"

namespace musicvae {
namespace {

constexpr int kMostLevels = 64;

}  // namespace

nlohmann::json parse_json(std::string_view text, const std::string& source) {
  const auto check_depth = [&](int depth, nlohmann::json::parse_event_t, nlohmann::json&) {
    if (depth <= kMostLevels) return true;
    throw Error(source + ": its JSON is nested more than " + std::to_string(kMostLevels) +
                " levels deep");
  };
  try {
    return nlohmann::json::parse(text, check_depth);
  } catch (const nlohmann::json::exception& error) {
    throw Error(source + ": its JSON is damaged: " + error.what());
  }
}

}  // namespace musicvae
