#pragma once

#include <cstdint>
#include <vector>

#include <torch/types.h>

#include "models/model.hpp"

namespace musicvae::models {

/// The mutual information of passages and z under q(z|x) (Hoffman and Johnson 2016):
/// E KL(q(z|x) || p(z)) - KL(q(z) || p(z)), in which the prior cancels out. It is estimated from
/// one draw of each of N passages, and so is at most log N. Only for posteriors whose density is
/// known (PosteriorTraits::density), and where passages have one latent each.
class MutualInformation {
 public:
  /// Keeps a batch's posteriors and the z drawn from them.
  void add(const Posterior& posterior, const torch::Tensor& z_BZ);
  std::int64_t passages() const { return passages_; }
  /// 0 before anything was added.
  double bits(const Model& model) const;

 private:
  std::int64_t passages_ = 0;
  std::vector<torch::Tensor> mu_, sigma_, z_;
};

}  // namespace musicvae::models
