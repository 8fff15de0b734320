#pragma once

#include <optional>

#include "datasets/grid/grid.hpp"

/// The key that a passage sounds in, found from its notes alone.
namespace musicvae::datasets {

struct Key {
  int tonic = 0;  ///< Pitch class, 0 is C.
  bool minor = false;

  bool operator==(const Key&) const = default;
};

/// The key whose profile correlates best with the durations of the passage's pitch classes
/// (Krumhansl and Schmuckler's algorithm, in Krumhansl, "Cognitive Foundations of Musical Pitch",
/// 1990, with the profiles of Krumhansl and Kessler, 1982). Among equals the lowest tonic is taken,
/// then major. Nothing where no key stands out: silence, or all pitch classes alike.
std::optional<Key> find_key(const Passage& passage);

}  // namespace musicvae::datasets
