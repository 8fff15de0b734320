#pragma once

#include <limits>
#include <map>
#include <string>
#include <vector>

#include <torch/nn/module.h>
#include <torch/types.h>

namespace musicvae {

/// How long a step's gradient may be.
struct GradientLimits {
  double clip_norm = std::numeric_limits<double>::infinity();  ///< A longer one is scaled to it.
  double skip_norm = std::numeric_limits<double>::infinity();  ///< A longer one is dropped.
};

/// Adam (Kingma and Ba 2015) with its state in the open, so that a run can be resumed to the bit:
/// torch::optim keys its state differently from release to release.
class Adam {
 public:
  explicit Adam(torch::nn::Module& module);

  /// Makes one update and clears the gradients. Nothing but the clearing happens where the whole
  /// gradient is dropped or not finite, or where `sound`, a bool scalar, is false. A parameter
  /// without a gradient counts as 0. Gives a bool scalar: whether `sound` is true and the gradient
  /// finite. On a CUDA device the update is fused and does not wait for the device, where `sound`
  /// may be, too.
  torch::Tensor step(double learning_rate, const GradientLimits& limits,
                     const torch::Tensor& sound);

  /// Moments by parameter name: "first.NAME" and "second.NAME".
  std::map<std::string, torch::Tensor> moments() const;
  /// Throws Error on a missing name or a wrong shape.
  void load_moments(const std::map<std::string, torch::Tensor>& moments, std::int64_t steps);
  std::int64_t steps() const { return static_cast<std::int64_t>(steps_.item<float>()); }
  /// Options of tensors on the parameters' device.
  torch::TensorOptions on_device() const { return torch::TensorOptions(steps_.device()); }

 private:
  struct Slot {
    std::string name;
    torch::Tensor parameter;
    torch::Tensor first;
    torch::Tensor second;
  };
  torch::Tensor gradient_norm() const;
  void update(double learning_rate, double gradient_scale);
  void update_fused(double learning_rate, const GradientLimits& limits, const torch::Tensor& norm,
                    const torch::Tensor& good);
  void clear_gradients();

  std::vector<Slot> slots_;
  torch::Tensor steps_ = torch::zeros({});  // Float, as the fused update counts.
};

}  // namespace musicvae
