#pragma once

#include <optional>
#include <span>
#include <vector>

#include "src/music/musicvae.hpp"

/// A listener by machine, who tries to tell new music from the data.
namespace musicvae {

/// The latents of a passage's bars.
using BarLatents = std::vector<Latent>;

/// How many of the bars of passages that it did not hear before a listener assigns to the right
/// group, as the mean of the groups' shares: 0.5 is chance. The listener is a logistic regression
/// on the bars' latents, fitted to four fifths of the passages of each group, five times in turn.
/// Nothing if a group has fewer than five passages.
std::optional<double> told_apart(std::span<const BarLatents> samples,
                                 std::span<const BarLatents> data);

/// The same for samples of a model whose bars have latents, and for passages of the pieces that are
/// like them. Nothing for other models.
std::optional<double> told_apart(const MusicVae& model, std::span<const datasets::Passage> samples,
                                 std::span<const datasets::Passage> pieces);

}  // namespace musicvae
