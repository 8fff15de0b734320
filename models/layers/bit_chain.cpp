#include "models/layers/bit_chain.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

#include <torch/utils.h>

namespace musicvae::models {
namespace {

/// The chance of one of two things, whose odds are raised to the power of 1 / temperature.
double sharpened(double chance, double temperature) {
  if (temperature == 0) return chance > 0.5 ? 1 : 0;
  return 1 / (1 + std::pow((1 - chance) / chance, 1 / temperature));
}

/// The chance that no bit is set, if the odds that one is are e^eagerness times as high.
double less_eager(double none, double eagerness) {
  return none / (none + (1 - none) * std::exp(eagerness));
}

/// Draws one row's bits, whose logits change with each bit that is set.
class RowOfBits {
 public:
  /// `shifts` [W, W] are what each bit, if set, adds to the logits of all. The row is written to
  /// `bits`, which are all 0.
  RowOfBits(std::vector<float> logits, const float* shifts, const BitRule& rule, double temperature,
            float* bits)
      : logits_(std::move(logits)),
        shifts_(shifts),
        rule_(rule),
        temperature_(temperature),
        bits_(bits),
        chances_(logits_.size()) {
    for (std::size_t bit = 0; bit < rule.leaning.size(); ++bit) logits_[bit] += rule.leaning[bit];
  }

  /// Each step takes one of the numbers that `next` gives.
  template <class Next>
  void draw(const Next& next) {
    const auto half = logits_.size() / 2;
    const auto most = std::min(rule_.most, rule_.most_sounding);
    if (rule_.together) {
      draw_together(half, next);
    } else {
      draw_beginning(half, most, next);
      for (auto bit = likeliest(0, half); set_ < rule_.fewest && set_ < most && bit < half;
           bit = likeliest(0, half)) {
        set(bit);
      }
    }
    draw_sounding(half, next);
  }

 private:
  template <class Next>
  void draw_beginning(std::size_t half, std::int64_t most, const Next& next) {
    for (std::size_t first = 0; first < half && set_ < most;) {
      const double free =
          none_of(first, half, rule_.eagerness - rule_.satiety * static_cast<double>(set_));
      const double none = set_ < rule_.fewest ? 0 : free;
      const double number = next();
      if (number < none) return;
      const auto bit = choose(first, half, (number - none) / (1 - none));
      first = bit + 1;
      if (may(bit)) {
        set(bit);
      } else if (const auto other = likeliest(0, half, bit); other < half) {
        set(other);
      }
    }
  }

  template <class Next>
  void draw_together(std::size_t half, const Next& next) {
    const double none = rule_.fewest > 0 ? 0 : none_of(0, half, rule_.eagerness);
    if (next() < none) return;
    for (std::size_t bit = 0; bit < half; ++bit) {
      if (may(bit)) set(bit);
    }
  }

  template <class Next>
  void draw_sounding(std::size_t half, const Next& next) {
    const auto end = logits_.size();
    for (std::size_t first = half; first < end && set_ < rule_.most_sounding;) {
      const double none = none_of(first, end, 0);
      const double number = next();
      if (number < none) return;
      const auto bit = choose(first, end, (number - none) / (1 - none));
      first = bit + 1;
      if (may(bit)) set(bit);
    }
  }

  bool may(std::size_t bit) const { return rule_.may.empty() || rule_.may[bit]; }

  void set(std::size_t bit) {
    if (bits_[bit] != 0) return;
    bits_[bit] = 1;
    ++set_;
    const auto* const shift = shifts_ + bit * logits_.size();
    for (auto i = bit + 1; i < logits_.size(); ++i) logits_[i] += shift[i];
  }

  /// The sharpened chance that no bit from `first` on is set. Keeps the chance of each to be the
  /// first that is.
  double none_of(std::size_t first, std::size_t end, double eagerness) {
    double none = 1;
    for (auto i = first; i < end; ++i) {
      const double share = 1 / (1 + std::exp(-static_cast<double>(logits_[i])));
      chances_[i] = none * share;
      none *= 1 - share;
    }
    return sharpened(less_eager(none, eagerness), temperature_);
  }

  /// The bit at which the running sum of sharpened chances exceeds `number` of their whole.
  std::size_t choose(std::size_t first, std::size_t end, double number) {
    const auto begin = chances_.begin();
    const auto from = begin + static_cast<std::ptrdiff_t>(first);
    const auto to = begin + static_cast<std::ptrdiff_t>(end);
    const auto best = std::max_element(from, to);
    if (temperature_ == 0) return static_cast<std::size_t>(best - begin);
    const double highest = *best;
    double total = 0;
    for (auto chance = from; chance != to; ++chance) {
      total += std::pow(*chance / highest, 1 / temperature_);
      *chance = total;
    }
    const auto found = std::find_if(from, to, [=](double sum) { return sum > number * total; });
    return static_cast<std::size_t>((found == to ? best : found) - begin);
  }

  /// The likeliest bit that may be set and is not yet, the nearer to `near` the better; `end` where
  /// there is none.
  std::size_t likeliest(std::size_t first, std::size_t end, std::optional<std::size_t> near = {}) {
    constexpr double kLossAStep = 0.5;
    std::size_t found = end;
    double best = -std::numeric_limits<double>::infinity();
    for (auto i = first; i < end; ++i) {
      const double away = near ? std::abs(static_cast<double>(i) - static_cast<double>(*near)) : 0;
      const double score = logits_[i] - kLossAStep * away;
      if (!may(i) || bits_[i] != 0 || score <= best) continue;
      found = i;
      best = score;
    }
    return found;
  }

  std::vector<float> logits_;
  const float* shifts_;
  const BitRule& rule_;
  double temperature_;
  float* bits_;
  std::int64_t set_ = 0;
  std::vector<double> chances_;
};

}  // namespace

BitChainImpl::BitChainImpl(std::int64_t width)
    : weight_(register_parameter("weight", torch::zeros({width, width}))) {}

torch::Tensor BitChainImpl::forward(const torch::Tensor& logits, const torch::Tensor& rows) const {
  return logits + torch::matmul(rows, weight_.tril(-1).t());
}

torch::Tensor BitChainImpl::sample(const torch::Tensor& logits_NW, double temperature,
                                   const torch::Tensor& numbers_NW,
                                   std::span<const BitRule> rules) const {
  const torch::NoGradGuard no_grad;
  const BitRule free;
  const auto width = static_cast<std::size_t>(logits_NW.size(1));
  const auto shifts_WW = weight_.to(torch::kCPU, torch::kFloat).t().contiguous();
  const auto given_NW = logits_NW.to(torch::kFloat).contiguous();
  const auto numbers = temperature == 0 ? torch::full_like(given_NW, 0.5) : numbers_NW.contiguous();
  auto rows_NW = torch::zeros_like(given_NW);
  for (std::int64_t row = 0; row < rows_NW.size(0); ++row) {
    const auto* const logits = given_NW[row].data_ptr<float>();
    const auto* number = numbers[row].data_ptr<float>();
    const auto next = [&] { return static_cast<double>(*number++); };
    const auto& rule = rules.empty() ? free : rules[static_cast<std::size_t>(row)];
    RowOfBits({logits, logits + width}, shifts_WW.data_ptr<float>(), rule, temperature,
              rows_NW[row].data_ptr<float>())
        .draw(next);
  }
  return rows_NW;
}

}  // namespace musicvae::models
