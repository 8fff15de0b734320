#pragma once

#include "datasets/codecs/codec.hpp"

namespace musicvae::datasets {

/// Whether the codec drops all but one of the notes that sound at a time.
bool is_one_voice(const Codec& codec);

}  // namespace musicvae::datasets
