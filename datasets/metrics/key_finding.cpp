#include "datasets/metrics/key_finding.hpp"

#include <array>
#include <cmath>
#include <numeric>

#include "datasets/metrics/pitch_classes.hpp"

namespace musicvae::datasets {
namespace {

/// A value for each pitch class from the tonic up.
using Profile = std::array<double, 12>;

// How well listeners found that a tone fits a key (Krumhansl and Kessler, 1982).
constexpr Profile kMajorProfile{6.35, 2.23, 3.48, 2.33, 4.38, 4.09,
                                2.52, 5.19, 2.39, 3.66, 2.29, 2.88};
constexpr Profile kMinorProfile{6.33, 2.68, 3.52, 5.38, 2.60, 3.53,
                                2.54, 4.75, 3.98, 2.69, 3.34, 3.17};

Profile centred(Profile values) {
  const double mean = std::accumulate(values.begin(), values.end(), 0.0) / double(values.size());
  for (double& value : values) value -= mean;
  return values;
}

double norm(const Profile& values) {
  return std::sqrt(std::inner_product(values.begin(), values.end(), values.begin(), 0.0));
}

/// How well `durations`, centred, fit a profile whose tonic is `tonic`: their correlation, times
/// the norm of `durations`, which is the same for all keys.
double fit(const Profile& durations, const Profile& profile, std::size_t tonic) {
  const Profile wanted = centred(profile);
  double sum = 0;
  for (std::size_t degree = 0; degree < wanted.size(); ++degree) {
    sum += wanted[degree] * durations[(tonic + degree) % durations.size()];
  }
  return sum / norm(wanted);
}

}  // namespace

std::optional<Key> find_key(const Passage& passage) {
  constexpr double kFlat = 1e-9;  // Shares that differ by rounding alone.
  const Profile durations = centred(pitch_class_shares(passage, NoteWeight::kDuration));
  if (norm(durations) < kFlat) return std::nullopt;
  Key best;
  double best_fit = fit(durations, kMajorProfile, 0);
  for (int tonic = 0; tonic < 12; ++tonic) {
    for (const bool minor : {false, true}) {
      const double found =
          fit(durations, minor ? kMinorProfile : kMajorProfile, std::size_t(tonic));
      if (found <= best_fit) continue;
      best = {tonic, minor};
      best_fit = found;
    }
  }
  return best;
}

}  // namespace musicvae::datasets
