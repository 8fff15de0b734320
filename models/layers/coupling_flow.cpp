#include "models/layers/coupling_flow.hpp"

#include <cmath>
#include <string>
#include <utility>

#include <torch/utils.h>

namespace musicvae::models {
namespace {

/// Units of the layer within a coupling.
constexpr std::int64_t kHidden = 384;
/// Scales stay between exp(-kBound) and exp(kBound), so that no point gets an unbounded density.
constexpr double kGaussianBound = 4, kCouplingBound = 2;
/// Small, so that the flow starts next to the identity.
constexpr double kStartStddev = 1e-3;

torch::Tensor bounded(const torch::Tensor& raw, double bound) {
  return bound * torch::tanh(raw / bound);
}

/// The two halves of the dimensions, taken in turn: [.., D] to [.., D / 2] twice.
std::pair<torch::Tensor, torch::Tensor> halves_of(const torch::Tensor& x_ND) {
  const auto halves = x_ND.unflatten(-1, {x_ND.size(-1) / 2, 2}).unbind(-1);
  return {halves[0], halves[1]};
}

torch::Tensor joined(const torch::Tensor& even_NH, const torch::Tensor& odd_NH) {
  return torch::stack({even_NH, odd_NH}, -1).flatten(-2);
}

}  // namespace

CouplingFlowImpl::CouplingFlowImpl(const FlowSize& size, torch::Generator generator)
    : gaussian_(size.condition, 2 * size.dimensions, kStartStddev, generator) {
  register_module("gaussian", gaussian_);
  const auto inputs = size.dimensions / 2 + size.condition;
  for (int i = 0; i < size.couplings; ++i) {
    const auto name = std::to_string(i);
    hidden_.push_back(register_module(
        "hidden_" + name, Dense(inputs, kHidden, 1 / std::sqrt(double(inputs)), generator)));
    affine_.push_back(register_module("affine_" + name,
                                      Dense(kHidden, size.dimensions, kStartStddev, generator)));
  }
}

CouplingFlowImpl::Coordinates CouplingFlowImpl::to_normal(const torch::Tensor& x_ND,
                                                          const torch::Tensor& condition_NC) {
  const auto base = gaussian(condition_NC);
  const auto scaled_ND = (x_ND - base.shift) * (-base.log_scale).exp();
  auto [even_NH, odd_NH] = halves_of(scaled_ND);
  auto log_scaling_N = -base.log_scale.sum(-1);
  for (std::size_t i = 0; i < hidden_.size(); ++i) {
    auto& moved = i % 2 == 0 ? odd_NH : even_NH;
    const auto affine = coupling(i, i % 2 == 0 ? even_NH : odd_NH, condition_NC);
    moved = (moved - affine.shift) * (-affine.log_scale).exp();
    log_scaling_N = log_scaling_N - affine.log_scale.sum(-1);
  }
  return {joined(even_NH, odd_NH), log_scaling_N};
}

torch::Tensor CouplingFlowImpl::from_normal(const torch::Tensor& normal_ND,
                                            const torch::Tensor& condition_NC) {
  auto [even_NH, odd_NH] = halves_of(normal_ND);
  for (std::size_t i = hidden_.size(); i-- > 0;) {
    auto& moved = i % 2 == 0 ? odd_NH : even_NH;
    const auto affine = coupling(i, i % 2 == 0 ? even_NH : odd_NH, condition_NC);
    moved = moved * affine.log_scale.exp() + affine.shift;
  }
  const auto base = gaussian(condition_NC);
  return joined(even_NH, odd_NH) * base.log_scale.exp() + base.shift;
}

CouplingFlowImpl::Affine CouplingFlowImpl::gaussian(const torch::Tensor& condition_NC) {
  const auto parts = gaussian_(condition_NC).chunk(2, -1);
  return {parts[0], bounded(parts[1], kGaussianBound)};
}

CouplingFlowImpl::Affine CouplingFlowImpl::coupling(std::size_t index,
                                                    const torch::Tensor& given_NH,
                                                    const torch::Tensor& condition_NC) {
  const auto hidden = torch::silu(hidden_[index](torch::cat({given_NH, condition_NC}, -1)));
  const auto parts = affine_[index](hidden).chunk(2, -1);
  return {parts[0], bounded(parts[1], kCouplingBound)};
}

}  // namespace musicvae::models
