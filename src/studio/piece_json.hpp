#pragma once

#include <nlohmann/json.hpp>

#include "src/studio/pieces.hpp"

namespace musicvae::studio {

/// A piece as the page shows it. Times are ticks, whose `ticks_per_quarter` is given, but for what
/// is called seconds. Notes are columns of equal length. docs/studio.md says what each key means.
nlohmann::json to_json(const HeldPiece& piece);

/// JSON as text; bytes that are no UTF-8 are replaced.
std::string dump(const nlohmann::json& json);

}  // namespace musicvae::studio
