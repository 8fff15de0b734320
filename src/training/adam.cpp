#include "src/training/adam.hpp"

#include <algorithm>
#include <cmath>

#include <torch/utils.h>

#include "models/kernels/threads.hpp"
#include "src/base/error.hpp"
#include "src/distributed/process_place.hpp"

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
  return found->second;
}

/// The update of parameters and moments, number by number, from their gradients.
struct UpdateRule {
  float gradient_scale;
  float step_size;     ///< The learning rate, with the first moment's bias taken out.
  float second_scale;  ///< Takes the second moment's bias out of its root.

  void apply(std::int64_t count, const float* gradient, float* first, float* second,
             float* parameter) const {
    constexpr auto kNew1 = static_cast<float>(1 - kBeta1);
    constexpr auto kNew2 = static_cast<float>(1 - kBeta2);
    constexpr auto kOld2 = static_cast<float>(kBeta2);
    constexpr auto kLeast = static_cast<float>(kEpsilon);
    for (std::int64_t i = 0; i < count; ++i) {
      // All is read before anything is written. Large vectors begin at the same place in their
      // pages, so reads would otherwise wait for each other's stores (4K aliasing).
      const float g = gradient[i] * gradient_scale;
      const float m = first[i] + kNew1 * (g - first[i]);
      const float v = kOld2 * second[i] + kNew2 * g * g;
      const float p = parameter[i] - step_size * m / (std::sqrt(v) * second_scale + kLeast);
      first[i] = m;
      second[i] = v;
      parameter[i] = p;
    }
  }
};

/// For fewer numbers than these, waking another thread costs more than it saves.
constexpr std::int64_t kLeastShare = 1 << 16;

}  // namespace

Adam::Adam(torch::nn::Module& module) {
  for (const auto& item : module.named_parameters()) {
    TORCH_CHECK(item.value().is_contiguous(), "the parameter '", item.key(), "' has gaps");
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
  const UpdateRule rule{.gradient_scale = static_cast<float>(gradient_scale),
                        .step_size = static_cast<float>(learning_rate / (1 - std::pow(kBeta1, t))),
                        .second_scale = static_cast<float>(1 / std::sqrt(1 - std::pow(kBeta2, t)))};
  for (const Slot& slot : slots_) {
    if (!slot.parameter.grad().defined()) continue;
    const auto gradient = slot.parameter.grad().contiguous();
    float* const data[] = {gradient.data_ptr<float>(), slot.first.data_ptr<float>(),
                           slot.second.data_ptr<float>(), slot.parameter.data_ptr<float>()};
    const int threads = static_cast<int>(
        std::clamp<std::int64_t>(gradient.numel() / kLeastShare, 1, models::thread_count()));
    models::run_tasks(threads, [&](int thread) {
      const auto [first, count] = share_of(gradient.numel(), thread, threads);
      rule.apply(count, data[0] + first, data[1] + first, data[2] + first, data[3] + first);
    });
    // Operators raise the version too. Whoever keeps a copy made from the parameter sees by it that
    // the parameter has changed.
    slot.parameter.unsafeGetTensorImpl()->bump_version();
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
    slot.first.copy_(find(moments, "first." + slot.name, slot.first));
    slot.second.copy_(find(moments, "second." + slot.name, slot.second));
  }
  steps_.fill_(static_cast<double>(steps));
}

}  // namespace musicvae
