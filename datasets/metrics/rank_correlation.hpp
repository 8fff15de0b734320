#pragma once

#include <optional>
#include <span>

namespace musicvae::datasets {

/// Spearman's rank correlation (1904) of pairs of values, -1 to 1: Pearson's correlation of their
/// ranks, where equal values share the mean of their ranks. Nothing where one side has fewer than
/// two different values. Throws DatasetError where the sides differ in length.
std::optional<double> rank_correlation(std::span<const double> a, std::span<const double> b);

}  // namespace musicvae::datasets
