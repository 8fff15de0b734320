#include "models/layers/linear_stepper.hpp"

#include <algorithm>
#include <array>
#include <functional>
#include <utility>

#include <torch/utils.h>

namespace musicvae::models {
namespace {

/// More are worth a product in full.
constexpr std::int64_t kFewRows = 64;

}  // namespace

LinearStepper::LinearStepper(Dense dense)
    : dense_(std::move(dense)), weight_(dense_->step_weight()) {}

torch::Tensor LinearStepper::step(const torch::Tensor& x_NI) {
  const torch::NoGradGuard no_grad;
  const auto rows = x_NI.size(0);
  if (!weight_ || rows > kFewRows) return dense_->forward(x_NI);
  const auto x = x_NI.contiguous();
  const auto bias = dense_->bias().contiguous();
  const auto outputs = bias.size(0);
  auto y_NO = torch::empty({rows, outputs});
  std::array<float, kFewRows * CompactMatrix::kPanel> sums;
  for (std::int64_t first = 0; first < outputs; first += CompactMatrix::kPanel) {
    weight_->multiply({x.data_ptr<float>(), x.size(1)}, rows, first / CompactMatrix::kPanel,
                      /*accumulate=*/false, sums.data());
    const auto columns = std::min(CompactMatrix::kPanel, outputs - first);
    const float* add = bias.data_ptr<float>() + first;
    for (std::int64_t row = 0; row < rows; ++row) {
      const float* sum = sums.data() + row * CompactMatrix::kPanel;
      std::transform(sum, sum + columns, add, y_NO.data_ptr<float>() + row * outputs + first,
                     std::plus<>());
    }
  }
  return y_NO;
}

}  // namespace musicvae::models
