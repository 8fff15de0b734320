#include "models/runtime/mixed_precision.hpp"

namespace musicvae::models {
namespace {

thread_local bool mixed = false;

}  // namespace

MixedPrecision::MixedPrecision() : before_(mixed) { mixed = true; }

MixedPrecision::~MixedPrecision() { mixed = before_; }

torch::Dtype compute_type(const torch::Tensor& like) {
  const bool applies = mixed && like.scalar_type() == torch::kFloat &&
                       (like.is_cuda() || (like.is_cpu() && bfloat16_products_are_fast()));
  return applies ? torch::kBFloat16 : like.scalar_type();
}

Factors product_factors(const torch::Tensor& like) {
  return compute_type(like) == torch::kBFloat16 ? Factors::kBFloat16 : Factors::kFloat;
}

}  // namespace musicvae::models
