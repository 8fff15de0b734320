#pragma once

#include <span>
#include <string_view>

namespace musicvae::studio {

/// A file that is compiled into the program.
struct Asset {
  std::string_view name;  ///< Its path in the page, such as "roll.js", or "music/folia.mid".
  std::string_view bytes;
};

/// All of them, by name.
std::span<const Asset> assets();
/// Nothing where there is none.
const Asset* find_asset(std::string_view name);

}  // namespace musicvae::studio
