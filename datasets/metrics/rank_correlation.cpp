#include "datasets/metrics/rank_correlation.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>
#include <vector>

#include "datasets/error.hpp"

namespace musicvae::datasets {
namespace {

/// Ranks from 0, less their mean.
std::vector<double> centred_ranks(std::span<const double> values) {
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), std::size_t(0));
  std::sort(order.begin(), order.end(), [&](auto a, auto b) { return values[a] < values[b]; });
  const double mean = (double(values.size()) - 1) / 2;
  std::vector<double> ranks(values.size());
  for (std::size_t first = 0, end = 0; first < order.size(); first = end) {
    while (end < order.size() && values[order[end]] == values[order[first]]) ++end;
    const double shared = double(first + end - 1) / 2;
    for (std::size_t at = first; at < end; ++at) ranks[order[at]] = shared - mean;
  }
  return ranks;
}

double dot(const std::vector<double>& a, const std::vector<double>& b) {
  return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
}

}  // namespace

std::optional<double> rank_correlation(std::span<const double> a, std::span<const double> b) {
  if (a.size() != b.size()) {
    throw DatasetError(std::to_string(a.size()) + " values cannot be paired with " +
                       std::to_string(b.size()));
  }
  const auto ranks_a = centred_ranks(a), ranks_b = centred_ranks(b);
  const double squares_a = dot(ranks_a, ranks_a), squares_b = dot(ranks_b, ranks_b);
  if (squares_a == 0 || squares_b == 0) return std::nullopt;
  return dot(ranks_a, ranks_b) / std::sqrt(squares_a * squares_b);
}

}  // namespace musicvae::datasets
