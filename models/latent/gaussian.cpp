#include "models/latent/densities.hpp"
#include "models/latent/kinds.hpp"

namespace musicvae::models {
namespace {

class Gaussian : public PosteriorKind {
 public:
  LatentDraw draw(const Posterior& posterior, const torch::Tensor& noise_BZ,
                  const DrawOptions& /*options*/) override {
    const auto z_BZ = posterior.mu_BZ + posterior.sigma_BZ * noise_BZ;
    return {z_BZ, log_density_B(posterior, z_BZ)};
  }
  torch::Tensor centre_BZ(const Posterior& posterior) override { return posterior.mu_BZ; }
  torch::Tensor log_density_B(const Posterior& posterior, const torch::Tensor& z_BZ) override {
    return sum_B(gaussian_log_density(z_BZ, posterior.mu_BZ, posterior.sigma_BZ));
  }
  bool closed_kl() const override { return true; }
};

}  // namespace

std::shared_ptr<PosteriorKind> make_gaussian(const ModelConfig& /*config*/,
                                             torch::Generator /*generator*/) {
  return std::make_shared<Gaussian>();
}

}  // namespace musicvae::models
