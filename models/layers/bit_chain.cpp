#include "models/layers/bit_chain.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
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

/// Draws one row's bits, whose logits change with each bit that is set.
class RowOfBits {
 public:
  /// `shifts` [W, W] are what each bit, if set, adds to the logits of all.
  RowOfBits(std::vector<float> logits, const float* shifts)
      : logits_(std::move(logits)), shifts_(shifts), chances_(logits_.size()) {}

  /// Sets bits from `first` on, up to `end`. Each takes one of the numbers that `next` gives.
  template <class Next>
  void draw(std::size_t first, std::size_t end, double temperature, const Next& next, float* bits) {
    while (first < end) {
      const double none = sharpened(weigh(first, end), temperature);
      const double number = next();
      if (number < none) return;
      const auto bit = choose(first, end, temperature, (number - none) / (1 - none));
      bits[bit] = 1;
      const auto* const shift = shifts_ + bit * logits_.size();
      for (auto i = bit + 1; i < logits_.size(); ++i) logits_[i] += shift[i];
      first = bit + 1;
    }
  }

 private:
  /// Finds the chance of each bit to be the first that is set, and returns that of none.
  double weigh(std::size_t first, std::size_t end) {
    double none = 1;
    for (auto i = first; i < end; ++i) {
      const double share = 1 / (1 + std::exp(-static_cast<double>(logits_[i])));
      chances_[i] = none * share;
      none *= 1 - share;
    }
    return none;
  }

  /// The bit at which the running sum of sharpened chances exceeds `number` of their whole.
  std::size_t choose(std::size_t first, std::size_t end, double temperature, double number) {
    const auto begin = chances_.begin();
    const auto from = begin + static_cast<std::ptrdiff_t>(first);
    const auto to = begin + static_cast<std::ptrdiff_t>(end);
    const auto likeliest = std::max_element(from, to);
    if (temperature == 0) return static_cast<std::size_t>(likeliest - begin);
    const double highest = *likeliest;
    double total = 0;
    for (auto chance = from; chance != to; ++chance) {
      total += std::pow(*chance / highest, 1 / temperature);
      *chance = total;
    }
    const auto found = std::find_if(from, to, [=](double sum) { return sum > number * total; });
    return static_cast<std::size_t>((found == to ? likeliest : found) - begin);
  }

  std::vector<float> logits_;
  const float* shifts_;
  std::vector<double> chances_;
};

}  // namespace

BitChainImpl::BitChainImpl(std::int64_t width)
    : weight_(register_parameter("weight", torch::zeros({width, width}))) {}

torch::Tensor BitChainImpl::forward(const torch::Tensor& logits, const torch::Tensor& rows) const {
  return logits + torch::matmul(rows, weight_.tril(-1).t());
}

torch::Tensor BitChainImpl::sample(const torch::Tensor& logits_NW, double temperature,
                                   const torch::Tensor& numbers_NW) const {
  const torch::NoGradGuard no_grad;
  const auto width = static_cast<std::size_t>(logits_NW.size(1));
  const auto shifts_WW = weight_.to(torch::kCPU, torch::kFloat).t().contiguous();
  const auto given_NW = logits_NW.to(torch::kFloat).contiguous();
  const auto numbers = temperature == 0 ? torch::full_like(given_NW, 0.5) : numbers_NW.contiguous();
  auto rows_NW = torch::zeros_like(given_NW);
  for (std::int64_t row = 0; row < rows_NW.size(0); ++row) {
    const auto* const logits = given_NW[row].data_ptr<float>();
    const auto* number = numbers[row].data_ptr<float>();
    const auto next = [&] { return static_cast<double>(*number++); };
    auto* const bits = rows_NW[row].data_ptr<float>();
    RowOfBits drawn({logits, logits + width}, shifts_WW.data_ptr<float>());
    drawn.draw(0, width / 2, temperature, next, bits);
    drawn.draw(width / 2, width, temperature, next, bits);
  }
  return rows_NW;
}

}  // namespace musicvae::models
