#include "datasets/metrics/pitch_classes.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace musicvae::datasets {
namespace {

constexpr std::array<std::size_t, 7> kMajorScale{0, 2, 4, 5, 7, 9, 11};

double sum(const PitchClassShares& shares) {
  return std::accumulate(shares.begin(), shares.end(), 0.0);
}

}  // namespace

PitchClassShares pitch_class_shares(const Passage& passage, NoteWeight weight) {
  PitchClassShares shares{};
  for (const Bar& bar : passage.bars) {
    for (const GridNote& note : bar.notes) {
      if (note.drum) continue;
      shares[note.pitch % 12] += weight == NoteWeight::kOnset ? 1 : note.duration.count;
    }
  }
  const double total = sum(shares);
  if (total > 0) {
    for (double& share : shares) share /= total;
  }
  return shares;
}

double pitch_class_distance(const Passage& a, const Passage& b, NoteWeight weight) {
  const PitchClassShares of_a = pitch_class_shares(a, weight), of_b = pitch_class_shares(b, weight);
  if ((sum(of_a) > 0) != (sum(of_b) > 0)) return 1;
  double difference = 0;
  for (std::size_t i = 0; i < of_a.size(); ++i) difference += std::abs(of_a[i] - of_b[i]);
  return difference / 2;
}

std::optional<double> pitch_class_entropy(const Passage& passage) {
  const PitchClassShares shares = pitch_class_shares(passage, NoteWeight::kOnset);
  if (sum(shares) == 0) return std::nullopt;
  double bits = 0;
  for (const double share : shares) {
    if (share > 0) bits -= share * std::log2(share);
  }
  return bits;
}

std::optional<double> best_scale_share(const Passage& passage) {
  const PitchClassShares shares = pitch_class_shares(passage, NoteWeight::kOnset);
  if (sum(shares) == 0) return std::nullopt;
  double best = 0;
  for (std::size_t tonic = 0; tonic < shares.size(); ++tonic) {
    double within = 0;
    for (const std::size_t degree : kMajorScale) within += shares[(tonic + degree) % shares.size()];
    best = std::max(best, within);
  }
  return std::min(best, 1.0);  // Rounding could lift a sum of shares above 1.
}

}  // namespace musicvae::datasets
