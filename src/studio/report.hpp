#pragma once

#include <string>
#include <vector>

#include "src/studio/pieces.hpp"

namespace musicvae::studio {

/// A page that shows and plays `pieces`, with everything it needs in itself: HTML that a browser
/// opens from the disk, without a server. It plays with a simple voice of its own.
std::string report_page(const std::string& title, const std::vector<PiecePointer>& pieces);

}  // namespace musicvae::studio
