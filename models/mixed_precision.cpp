#include "models/mixed_precision.hpp"

namespace musicvae::models {
namespace {

thread_local bool mixed = false;

}  // namespace

MixedPrecision::MixedPrecision() : before_(mixed) { mixed = true; }

MixedPrecision::~MixedPrecision() { mixed = before_; }

torch::Dtype compute_type(const torch::Tensor& like) {
  const bool applies = mixed && like.is_cuda() && like.scalar_type() == torch::kFloat;
  return applies ? torch::kBFloat16 : like.scalar_type();
}

}  // namespace musicvae::models
