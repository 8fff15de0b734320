#pragma once

#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

namespace musicvae {

/// The JSON in `text`, which comes from `source`. Throws Error naming the source where it is none,
/// or where values are nested so deep that no file of ours holds them: whatever copies or prints
/// JSON calls itself for each level, and would run out of stack.
nlohmann::json parse_json(std::string_view text, const std::string& source);

}  // namespace musicvae
