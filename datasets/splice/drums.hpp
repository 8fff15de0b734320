#pragma once

#include "datasets/grid/grid.hpp"

namespace musicvae::datasets {

/// `music` with the drums of `piece`, which has the same bars. Models of pitched notes leave them
/// out.
Passage with_drums_of(const Passage& piece, Passage music);

}  // namespace musicvae::datasets
