#include "models/objective/noise.hpp"

#include <torch/utils.h>

#include "models/layers/rows.hpp"

namespace musicvae::models {

torch::Tensor Noise::normal(std::vector<std::int64_t> sizes) {
  const auto here = torch::TensorOptions().device(generator_.device());
  const auto passages = sizes[0];
  if (place_) sizes[0] = place_->passages;
  const auto drawn = torch::randn(sizes, generator_, here);
  return place_ ? drawn.narrow(0, place_->first, passages) : drawn;
}

torch::Tensor Noise::uniform(const std::vector<std::int64_t>& sizes, const torch::Tensor& like) {
  return share(models::uniform(whole(sizes), generator_, like), sizes);
}

double Noise::one() {
  return models::uniform({1}, generator_, torch::empty({}, torch::kFloat)).item<double>();
}

std::vector<std::int64_t> Noise::whole(std::vector<std::int64_t> sizes) const {
  if (!place_) return sizes;
  sizes[0] = place_->passages;
  if (sizes.size() > 2) sizes[2] = place_->rows;
  return sizes;
}

torch::Tensor Noise::share(const torch::Tensor& drawn,
                           const std::vector<std::int64_t>& sizes) const {
  if (!place_) return drawn;
  const auto passages = drawn.narrow(0, place_->first, sizes[0]);
  return sizes.size() > 2 ? passages.narrow(2, 0, sizes[2]) : passages;
}

}  // namespace musicvae::models
