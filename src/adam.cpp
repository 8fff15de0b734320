#include "src/adam.hpp"

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
}

double Adam::gradient_norm() const {
  std::vector<torch::Tensor> norms;
  for (const Slot& slot : slots_) {
    if (slot.parameter.grad().defined()) norms.push_back(slot.parameter.grad().norm());
  }
  return norms.empty() ? 0.0 : torch::stack(norms).norm().item<double>();
}

void Adam::step(double learning_rate, double gradient_scale) {
  const torch::NoGradGuard no_grad;
  ++steps_;
  const auto t = static_cast<double>(steps_);
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
  zero_grad();
}

void Adam::zero_grad() {
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
  steps_ = steps;
}

}  // namespace musicvae
