#include "src/adam.hpp"

#include <algorithm>
#include <cmath>

#include <torch/utils.h>

#include "src/error.hpp"

namespace musicvae {
namespace {

constexpr double kBeta1 = 0.9;
constexpr double kBeta2 = 0.999;
constexpr double kEpsilon = 1e-8;

torch::Tensor find(const std::map<std::string, torch::Tensor>& moments, const std::string& name,
                   const torch::Tensor& like) {
  const auto found = moments.find(name);
  if (found == moments.end()) throw Error("training state: the moment '" + name + "' is missing");
  if (found->second.sizes() != like.sizes()) {
    throw Error("training state: the moment '" + name + "' has another shape than its parameter");
  }
  return found->second.to(like.device()).clone();
}

}  // namespace

Adam::Adam(torch::nn::Module& module) {
  for (const auto& item : module.named_parameters()) {
    slots_.push_back({item.key(), item.value(), torch::zeros_like(item.value()),
                      torch::zeros_like(item.value())});
  }
  if (!slots_.empty()) steps_ = steps_.to(slots_[0].parameter.device());
}

torch::Tensor Adam::step(double learning_rate, const GradientLimits& limits,
                         const torch::Tensor& sound) {
  const torch::NoGradGuard no_grad;
  const auto norm = gradient_norm();
  const auto good = torch::isfinite(norm) & sound.to(norm.device());
  if (norm.is_cuda()) {
    update_fused(learning_rate, limits, norm, good);
  } else if (good.item<bool>() && norm.item<double>() <= limits.skip_norm) {
    update(learning_rate, std::min(1.0, limits.clip_norm / std::max(norm.item<double>(), 1e-12)));
  }
  clear_gradients();
  return good;
}

torch::Tensor Adam::gradient_norm() const {
  std::vector<torch::Tensor> gradients;
  for (const Slot& slot : slots_) {
    if (slot.parameter.grad().defined()) gradients.push_back(slot.parameter.grad());
  }
  if (gradients.empty()) return torch::zeros({}, on_device());
  return torch::stack(at::_foreach_norm(gradients)).norm();
}

void Adam::update(double learning_rate, double gradient_scale) {
  steps_ += 1;
  const auto t = static_cast<double>(steps());
  const double step_size = learning_rate / (1 - std::pow(kBeta1, t));
  const double second_scale = 1 / std::sqrt(1 - std::pow(kBeta2, t));
  for (Slot& slot : slots_) {
    auto gradient = slot.parameter.grad();
    if (!gradient.defined()) continue;
    gradient.mul_(gradient_scale);
    slot.first.lerp_(gradient, 1 - kBeta1);
    slot.second.mul_(kBeta2).addcmul_(gradient, gradient, 1 - kBeta2);
    const auto denominator = slot.second.sqrt().mul_(second_scale).add_(kEpsilon);
    slot.parameter.addcdiv_(slot.first, denominator, -step_size);
  }
}

void Adam::update_fused(double learning_rate, const GradientLimits& limits,
                        const torch::Tensor& norm, const torch::Tensor& good) {
  std::vector<torch::Tensor> parameters, gradients, first, second;
  for (const Slot& slot : slots_) {
    if (!slot.parameter.grad().defined()) continue;
    parameters.push_back(slot.parameter);
    gradients.push_back(slot.parameter.grad());
    first.push_back(slot.first);
    second.push_back(slot.second);
  }
  if (parameters.empty()) return;
  const auto skipped = (~good | (norm > limits.skip_norm)).to(torch::kFloat);
  const auto divisor = (norm / limits.clip_norm).clamp_min(1);
  steps_ += 1 - skipped;
  const std::vector<torch::Tensor> steps(parameters.size(), steps_);
  at::_fused_adam_(parameters, gradients, first, second, {}, steps, learning_rate, kBeta1, kBeta2,
                   /*weight_decay=*/0, kEpsilon, /*amsgrad=*/false, /*maximize=*/false, divisor,
                   skipped);
}

void Adam::clear_gradients() {
  for (Slot& slot : slots_) slot.parameter.mutable_grad().reset();
}

std::map<std::string, torch::Tensor> Adam::moments() const {
  std::map<std::string, torch::Tensor> moments;
  for (const Slot& slot : slots_) {
    moments["first." + slot.name] = slot.first;
    moments["second." + slot.name] = slot.second;
  }
  return moments;
}

void Adam::load_moments(const std::map<std::string, torch::Tensor>& moments, std::int64_t steps) {
  for (Slot& slot : slots_) {
    slot.first = find(moments, "first." + slot.name, slot.first);
    slot.second = find(moments, "second." + slot.name, slot.second);
  }
  steps_.fill_(static_cast<double>(steps));
}

}  // namespace musicvae
