#pragma once

#include <cstdint>
#include <vector>

#include <torch/nn/module.h>
#include <torch/nn/pimpl.h>
#include <torch/types.h>

#include "models/layers/dense.hpp"

namespace musicvae::models {

/// Widths of a flow.
struct FlowSize {
  std::int64_t dimensions = 0;  ///< Of x; even.
  std::int64_t condition = 0;   ///< Of the vector that it is given.
  int couplings = 4;            ///< 0 leaves a Gaussian with a diagonal covariance.
};

/// p(x | condition) as a normalizing flow: affine couplings, each of which moves and scales one
/// half of the dimensions given the other (Real NVP, Dinh et al. 2017), over a Gaussian whose mean
/// and scale depend on the condition. It starts next to N(0, I).
class CouplingFlowImpl : public torch::nn::Module {
 public:
  CouplingFlowImpl(const FlowSize& size, torch::Generator generator);

  struct Coordinates {
    torch::Tensor normal_ND;      ///< Distributed as N(0, I) where x is distributed as p.
    torch::Tensor log_scaling_N;  ///< log |det d normal / d x|.
  };
  /// x and the condition have the same leading sizes N.
  Coordinates to_normal(const torch::Tensor& x_ND, const torch::Tensor& condition_NC);
  /// The inverse.
  torch::Tensor from_normal(const torch::Tensor& normal_ND, const torch::Tensor& condition_NC);

 private:
  struct Affine {
    torch::Tensor shift, log_scale;
  };
  Affine gaussian(const torch::Tensor& condition_NC);
  Affine coupling(std::size_t index, const torch::Tensor& given_NH,
                  const torch::Tensor& condition_NC);

  Dense gaussian_;
  std::vector<Dense> hidden_, affine_;
};
TORCH_MODULE(CouplingFlow);

}  // namespace musicvae::models
