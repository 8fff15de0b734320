#pragma once

#include <torch/types.h>

namespace musicvae::models {

/// While it lives, LSTMs and dense layers of this thread whose tensors are on a CUDA device run in
/// bfloat16, where it and its libraries can. What goes in and comes out stays float, and so do
/// parameters, gradients and losses. bfloat16 has float's range, so no loss needs scaling
/// (Kalamkar et al. 2019). Other devices take no notice.
class MixedPrecision {
 public:
  MixedPrecision();
  ~MixedPrecision();
  MixedPrecision(const MixedPrecision&) = delete;
  MixedPrecision& operator=(const MixedPrecision&) = delete;

 private:
  bool before_;
};

/// What a layer is to compute in, given one of its tensors.
torch::Dtype compute_type(const torch::Tensor& like);

}  // namespace musicvae::models
