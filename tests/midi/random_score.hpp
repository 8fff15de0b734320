#pragma once

#include <random>

#include "midi/score.hpp"

namespace musicvae::midi::testing {

/// A Score that a writer keeps as it is: all kinds of events, chords, repeated, overlapping and
/// empty notes, many events at one time, and now and then a very long gap.
Score random_score(std::mt19937& random);

}  // namespace musicvae::midi::testing
