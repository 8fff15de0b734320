#pragma once

#include <optional>

#include "datasets/grid/grid.hpp"

/// How full the bars of a passage are, and how often they come again.
namespace musicvae::datasets {

/// Nothing where there are no bars.
std::optional<double> notes_per_bar(const Passage& passage);

/// Share of the bars that equal an earlier bar of the passage in length and, note for note, in
/// onset, pitch and duration. Bars in which no note begins are left out; nothing where there are no
/// others.
std::optional<double> repeated_bar_share(const Passage& passage);

/// Share of the bars in which no note begins or sounds, the empty-bar rate of MuseGAN (Dong et al.,
/// AAAI 2018). Nothing where there are no bars.
std::optional<double> silent_bar_share(const Passage& passage);

}  // namespace musicvae::datasets
