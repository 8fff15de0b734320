#include "models/objective/gaps.hpp"

#include <algorithm>
#include <cstdint>

namespace musicvae::models {
namespace {

constexpr float kAllMissing = 0.03F;  // Share of passages.
constexpr float kSecondRun = 0.2F;    // Share of passages.

std::int64_t below(float number, std::int64_t limit) {
  return std::min(static_cast<std::int64_t>(number * static_cast<float>(limit)), limit - 1);
}

/// Marks a run of up to half of `bars`.
void mark_run(bool* missing, std::int64_t bars, float length_number, float start_number) {
  const auto length = 1 + below(length_number, std::max<std::int64_t>(1, bars / 2));
  const auto start = below(start_number, bars - length + 1);
  std::fill_n(missing + start, length, true);
}

}  // namespace

torch::Tensor draw_gaps(const torch::Tensor& lengths_BU, const torch::Tensor& numbers) {
  const auto present_B = (lengths_BU > 0).sum(1);
  const auto drawn = numbers.contiguous();
  auto missing_BU = torch::zeros(lengths_BU.sizes(), torch::kBool);
  for (std::int64_t song = 0; song < lengths_BU.size(0); ++song) {
    const auto bars = present_B.data_ptr<std::int64_t>()[song];
    const float* const number = drawn.data_ptr<float>() + song * kGapNumbers;
    bool* const missing = missing_BU.data_ptr<bool>() + song * lengths_BU.size(1);
    mark_run(missing, bars, number[1], number[2]);
    if (number[0] < kAllMissing) std::fill_n(missing, bars, true);
    if (number[0] > 1 - kSecondRun) mark_run(missing, bars, number[3], number[4]);
  }
  return missing_BU;
}

}  // namespace musicvae::models
