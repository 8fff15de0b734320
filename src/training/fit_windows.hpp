#pragma once

#include <vector>

#include "datasets/codecs/codec.hpp"
#include "datasets/corpus/windows.hpp"

namespace musicvae {

/// The passages that a model is fitted to in one pass: the training pieces cut into consecutive
/// windows, each in every transposition of the options that its notes allow; at most 16,384 of
/// them, evenly spread.
std::vector<datasets::Window> fit_windows(const datasets::Corpus& corpus,
                                          const datasets::Codec& codec,
                                          const datasets::WindowOptions& options);

}  // namespace musicvae
