#pragma once

#include "midi/score.hpp"

namespace musicvae::midi {

/// `score`, which counts ticks a quarter note, with `factor` times as many. It sounds the same.
Score with_finer_ticks(Score score, int factor);

}  // namespace musicvae::midi
