#pragma once

#include <string>

#include "midi/score.hpp"

namespace musicvae::studio {

/// A piano roll of `score` as an SVG image (1.1): bar lines with every fourth bar's number, notes
/// in the colours of their voices, paler where they are softer, and the names of the voices.
/// `title` may be any text. Notes beyond the first 100,000 are left out.
std::string roll_svg(const midi::Score& score, const std::string& title);

}  // namespace musicvae::studio
