#include "src/evaluation/listener.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "src/evaluation/sample_evaluation.hpp"

namespace musicvae {
namespace {

using datasets::Passage;

constexpr std::size_t kFolds = 5;
constexpr int kSteps = 300;
constexpr double kRate = 0.05, kMomentum = 0.9, kDecay = 0.01;

/// A bar and the group it belongs to: 1 for samples, 0 for data.
struct Heard {
  const Latent* latent = nullptr;
  int group = 0;
};

/// Bars of the passages of one fold, or of all others.
std::vector<Heard> bars_of(std::span<const BarLatents> passages, int group, std::size_t fold,
                           bool inside) {
  std::vector<Heard> bars;
  for (std::size_t i = 0; i < passages.size(); ++i) {
    if ((i % kFolds == fold) != inside) continue;
    for (const Latent& latent : passages[i]) bars.push_back({&latent, group});
  }
  return bars;
}

std::vector<Heard> bars_of(std::span<const BarLatents> samples, std::span<const BarLatents> data,
                           std::size_t fold, bool inside) {
  auto bars = bars_of(samples, 1, fold, inside);
  const auto others = bars_of(data, 0, fold, inside);
  bars.insert(bars.end(), others.begin(), others.end());
  return bars;
}

/// Logistic regression by gradient descent, on dimensions that have mean 0 and deviation 1 and
/// groups that weigh the same.
class Listener {
 public:
  explicit Listener(const std::vector<Heard>& bars)
      : size_(bars.front().latent->size()), mean_(size_), scale_(size_), weight_(size_) {
    measure(bars);
    for (const Heard& bar : bars) ++counts_[bar.group];
    std::vector<double> speed(size_ + 1);
    for (int step = 0; step < kSteps; ++step) take_step(bars, speed);
  }

  int group_of(const Latent& latent) const { return score(latent) > 0 ? 1 : 0; }

 private:
  void measure(const std::vector<Heard>& bars) {
    const auto count = static_cast<double>(bars.size());
    for (std::size_t i = 0; i < size_; ++i) {
      double sum = 0, squares = 0;
      for (const Heard& bar : bars) {
        const double value = (*bar.latent)[i];
        sum += value;
        squares += value * value;
      }
      mean_[i] = sum / count;
      scale_[i] = 1 / std::sqrt(std::max(squares / count - mean_[i] * mean_[i], 1e-9));
    }
  }

  double normal(const Latent& latent, std::size_t i) const {
    return (latent[i] - mean_[i]) * scale_[i];
  }

  double score(const Latent& latent) const {
    double sum = bias_;
    for (std::size_t i = 0; i < size_; ++i) sum += weight_[i] * normal(latent, i);
    return sum;
  }

  void take_step(const std::vector<Heard>& bars, std::vector<double>& speed) {
    std::vector<double> gradient(size_ + 1);
    for (const Heard& bar : bars) {
      const double error = 1 / (1 + std::exp(-score(*bar.latent))) - bar.group;
      const double share = error / (2 * counts_[bar.group]);
      for (std::size_t i = 0; i < size_; ++i) gradient[i] += share * normal(*bar.latent, i);
      gradient[size_] += share;
    }
    for (std::size_t i = 0; i <= size_; ++i) {
      double& value = i < size_ ? weight_[i] : bias_;
      const double decay = i < size_ ? kDecay * value : 0;
      speed[i] = kMomentum * speed[i] - kRate * (gradient[i] + decay);
      value += speed[i];
    }
  }

  std::size_t size_;
  std::vector<double> mean_, scale_, weight_;
  double bias_ = 0;
  double counts_[2] = {0, 0};
};

}  // namespace

std::optional<double> told_apart(std::span<const BarLatents> samples,
                                 std::span<const BarLatents> data) {
  if (samples.size() < kFolds || data.size() < kFolds) return std::nullopt;
  double right[2] = {0, 0}, heard[2] = {0, 0};
  for (std::size_t fold = 0; fold < kFolds; ++fold) {
    const Listener listener(bars_of(samples, data, fold, false));
    for (const Heard& bar : bars_of(samples, data, fold, true)) {
      ++heard[bar.group];
      if (listener.group_of(*bar.latent) == bar.group) ++right[bar.group];
    }
  }
  return (right[0] / heard[0] + right[1] / heard[1]) / 2;
}

std::optional<double> told_apart(const MusicVae& model, std::span<const Passage> samples,
                                 std::span<const Passage> pieces) {
  if (!model.has_bar_latents() || samples.empty()) return std::nullopt;
  std::vector<BarLatents> heard, data;
  for (const Passage& sample : samples) heard.push_back(model.encode(sample));
  for (const Passage& piece : pieces) {
    for (const Passage& passage : passages_like(samples.front(), piece)) {
      data.push_back(model.encode(passage));
    }
  }
  return told_apart(heard, data);
}

}  // namespace musicvae
