#include "models/layers/linear_stepper.hpp"

#include <utility>

#include <torch/utils.h>

#include "models/runtime/own_kernels.hpp"

namespace musicvae::models {
namespace {

StepMatrix lay_out(const torch::Tensor& weight_OI) {
  const auto weight_IO = weight_OI.detach().t().contiguous();
  return {{weight_IO.data_ptr<float>(), weight_IO.size(1)}, weight_IO.size(0), weight_IO.size(1)};
}

}  // namespace

LinearStepper::LinearStepper(Dense dense) : dense_(std::move(dense)) {
  const auto& weight_OI = dense_->weight();
  if (!has_own_kernels(weight_OI)) return;
  weight_ = dense_->cache().get({weight_OI}, [&] { return lay_out(weight_OI); });
}

torch::Tensor LinearStepper::step(const torch::Tensor& x_NI) {
  const torch::NoGradGuard no_grad;
  if (!weight_) return dense_->forward(x_NI);
  const auto x = x_NI.contiguous();
  auto y_NO = torch::empty({x.size(0), dense_->bias().size(0)});
  weight_->multiply({x.data_ptr<float>(), x.size(1)}, x.size(0), y_NO.data_ptr<float>());
  return y_NO.add_(dense_->bias());
}

}  // namespace musicvae::models
