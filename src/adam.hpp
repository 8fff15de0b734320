#pragma once

#include <map>
#include <string>
#include <vector>

#include <torch/nn/module.h>
#include <torch/types.h>

namespace musicvae {

/// Adam (Kingma and Ba 2015) with its state in the open, so that a run can be resumed to the bit:
/// torch::optim keys its state differently from release to release.
class Adam {
 public:
  explicit Adam(torch::nn::Module& module);

  /// Norm of the whole gradient (parameters without one count as 0).
  double gradient_norm() const;
  /// One update with gradients scaled by `gradient_scale`; clears the gradients.
  void step(double learning_rate, double gradient_scale);
  void zero_grad();

  /// Moments by parameter name: "first.NAME" and "second.NAME".
  std::map<std::string, torch::Tensor> moments() const;
  /// Throws Error on a missing name or a wrong shape.
  void load_moments(const std::map<std::string, torch::Tensor>& moments, std::int64_t steps);
  std::int64_t steps() const { return steps_; }

 private:
  struct Slot {
    std::string name;
    torch::Tensor parameter;
    torch::Tensor first;
    torch::Tensor second;
  };
  std::vector<Slot> slots_;
  std::int64_t steps_ = 0;
};

}  // namespace musicvae
