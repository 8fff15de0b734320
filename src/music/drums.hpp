#pragma once

#include "datasets/grid/grid.hpp"

namespace musicvae {

/// `music` with the drums of `piece`, which has the same bars. Models of pitched notes leave them
/// out.
datasets::Passage with_drums_of(const datasets::Passage& piece, datasets::Passage music);

}  // namespace musicvae
