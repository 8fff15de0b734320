#include <utility>

#include <torch/utils.h>

#include "models/latent/densities.hpp"
#include "models/latent/kinds.hpp"

namespace musicvae::models {
namespace {

class Normal : public Prior {
 public:
  explicit Normal(const ModelConfig& config) : latent_(config.latent) {}

  torch::Tensor log_density_B(const torch::Tensor& z_BZ) override {
    const auto zero = z_BZ.new_zeros({1});
    return sum_B(gaussian_log_density(z_BZ, zero, zero + 1));
  }
  torch::Tensor draw_BZ(std::int64_t count, double temperature,
                        torch::Generator generator) override {
    return temperature * torch::randn({count, latent_}, std::move(generator));
  }
  torch::Tensor kl_BD(const Posterior& posterior) override {
    const auto& mu = posterior.mu_BZ;
    const auto& sigma = posterior.sigma_BZ;
    return 0.5 * (mu.square() + sigma.square() - 1 - 2 * sigma.log());
  }
  LatentWay way() const override { return LatentWay::kSphere; }

 private:
  std::int64_t latent_;
};

}  // namespace

std::shared_ptr<Prior> make_normal(const ModelConfig& config, Model& /*model*/,
                                   torch::Generator /*generator*/) {
  return std::make_shared<Normal>(config);
}

}  // namespace musicvae::models
