#pragma once

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include <torch/types.h>

#include "models/objective/loss.hpp"

namespace musicvae::models {

/// Random numbers for a batch. A share of a batch gets the numbers that the whole batch would have
/// drawn for it.
class Noise {
 public:
  Noise(const std::optional<BatchPlace>& place, torch::Generator generator)
      : place_(place), generator_(std::move(generator)) {}

  /// Draws from N(0, 1), on the generator's device: [B, ...]. All but B is the same for all shares.
  torch::Tensor normal(std::vector<std::int64_t> sizes);
  /// Draws from [0, 1), on the device of `like`: [B, U, R, ...].
  torch::Tensor uniform(const std::vector<std::int64_t>& sizes, const torch::Tensor& like);
  /// Draws one number from [0, 1), the same for all shares of a batch.
  double one();
  const torch::Generator& generator() const { return generator_; }

 private:
  std::vector<std::int64_t> whole(std::vector<std::int64_t> sizes) const;
  torch::Tensor share(const torch::Tensor& drawn, const std::vector<std::int64_t>& sizes) const;

  std::optional<BatchPlace> place_;
  torch::Generator generator_;
};

}  // namespace musicvae::models
