#pragma once

#include <utility>
#include <vector>

#include <torch/types.h>

namespace musicvae::models {

/// Parameters are constants in the graphs that are built while it lives. Gradients still go through
/// the layers that use them.
class Frozen {
 public:
  explicit Frozen(std::vector<torch::Tensor> parameters) : parameters_(std::move(parameters)) {
    for (const auto& parameter : parameters_) {
      before_.push_back(parameter.requires_grad());
      parameter.set_requires_grad(false);
    }
  }
  ~Frozen() {
    for (std::size_t i = 0; i < parameters_.size(); ++i) {
      parameters_[i].set_requires_grad(before_[i]);
    }
  }
  Frozen(const Frozen&) = delete;
  Frozen& operator=(const Frozen&) = delete;

 private:
  std::vector<torch::Tensor> parameters_;
  std::vector<bool> before_;
};

}  // namespace musicvae::models
