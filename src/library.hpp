#pragma once

#include "src/music/filling/continuation.hpp"
#include "src/music/filling/filling.hpp"
#include "src/music/latent_way.hpp"
#include "src/music/musicvae.hpp"
#include "src/music/palette/attributes.hpp"
#include "src/music/palette/palette.hpp"
#include "src/music/palette/similarity.hpp"
#include "src/music/palette/tuning.hpp"
#include "src/music/palette/variation.hpp"

/// The library as others see it, installed as <musicvae/musicvae.hpp>: models and music between,
/// around and after pieces. Neither it nor what it includes needs LibTorch's headers.
