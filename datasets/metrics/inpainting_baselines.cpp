#include "datasets/metrics/inpainting_baselines.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <functional>
#include <string>

#include "datasets/codecs/bar_rows.hpp"

namespace musicvae::datasets {
namespace {

/// 1 for equal bars. Unrelated bars have rows in common too (holds), which a power plays down; the
/// 8th copied best in training pieces of folk tunes.
double resemblance(const BarRows& a, const BarRows& b) {
  const int rows = std::max(a.rows, b.rows);
  return rows == 0 ? 1 : std::pow(double(equal_rows(a, b)) / double(rows), 8);
}

/// A passage of which some bars are missing.
class Gapped {
 public:
  Gapped(std::span<const BarRows> bars, std::span<const int> missing)
      : bars_(bars), missing_(missing) {}

  /// Each missing bar, with the rows of the known bar for which `score` is highest.
  std::vector<BarRows> copied(const std::function<double(int missing, int known)>& score) const {
    std::vector<BarRows> filled(bars_.begin(), bars_.end());
    for (const int bar : missing_) filled[std::size_t(bar)] = at(best_for(bar, score));
    return filled;
  }

  /// How much the bars around two bars resemble each other.
  double context_resemblance(int a, int b) const {
    double sum = 0;
    const int count = static_cast<int>(bars_.size());
    for (int distance = 1; distance < count; ++distance) {
      for (const int step : {-distance, distance}) {
        if (!known(a + step) || !known(b + step)) continue;
        sum += resemblance(at(a + step), at(b + step)) / distance;
      }
    }
    return sum;
  }

 private:
  const BarRows& at(int bar) const { return bars_[std::size_t(bar)]; }

  bool known(int bar) const {
    return bar >= 0 && bar < static_cast<int>(bars_.size()) &&
           !std::binary_search(missing_.begin(), missing_.end(), bar);
  }

  int best_for(int bar, const std::function<double(int, int)>& score) const {
    int best = -1;
    double best_score = 0;
    for (int other = 0; other < static_cast<int>(bars_.size()); ++other) {
      if (!known(other) || at(other).length != at(bar).length) continue;
      const double other_score = score(bar, other);
      const bool better =
          best < 0 || other_score > best_score ||
          (other_score == best_score && std::abs(other - bar) < std::abs(best - bar));
      if (!better) continue;
      best = other;
      best_score = other_score;
    }
    if (best >= 0) return best;
    throw DatasetError("bar " + std::to_string(bar + 1) +
                       " cannot be copied from another: none that is known has its length");
  }

  std::span<const BarRows> bars_;
  std::span<const int> missing_;
};

}  // namespace

std::vector<BarRows> copy_bar_before(std::span<const BarRows> bars, std::span<const int> missing) {
  return Gapped(bars, missing).copied([](int bar, int other) { return other < bar ? 1.0 : 0.0; });
}

std::vector<BarRows> copy_best_match(std::span<const BarRows> bars, std::span<const int> missing) {
  const Gapped gapped(bars, missing);
  return gapped.copied([&](int bar, int other) { return gapped.context_resemblance(bar, other); });
}

}  // namespace musicvae::datasets
