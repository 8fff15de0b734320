#include <utility>

#include <torch/utils.h>

#include "models/latent/densities.hpp"
#include "models/latent/kinds.hpp"
#include "models/layers/dense.hpp"

namespace musicvae::models {
namespace {

/// First weights of the maps: small, and not 0, where w would have no direction.
constexpr double kFirstStddev = 0.1;

class Planar : public PosteriorKind {
 public:
  Planar(const ModelConfig& config, torch::Generator generator)
      : flows_(config.flows),
        latent_(config.latent),
        u_(register_parameter("u", first_values({flows_, latent_}, kFirstStddev, generator))),
        w_(register_parameter("w", first_values({flows_, latent_}, kFirstStddev, generator))),
        shift_(2 * latent_, flows_ * (2 * latent_ + 1), kHeadStddev, std::move(generator)) {
    register_module("shift", shift_);
  }

  LatentDraw draw(const Posterior& posterior, const torch::Tensor& noise_BZ,
                  const DrawOptions& /*options*/) override {
    const auto first_BZ = posterior.mu_BZ + posterior.sigma_BZ * noise_BZ;
    const auto log_q_B = sum_B(gaussian_log_density(first_BZ, posterior.mu_BZ, posterior.sigma_BZ));
    const auto [z_BZ, log_det_B] = through(posterior, first_BZ);
    return {z_BZ, log_q_B - log_det_B};
  }
  torch::Tensor centre_BZ(const Posterior& posterior) override {
    return through(posterior, posterior.mu_BZ).first;
  }

 private:
  /// Sends z through all maps, and gives the sum of their log determinants.
  std::pair<torch::Tensor, torch::Tensor> through(const Posterior& posterior, torch::Tensor z_BZ) {
    const auto context = torch::cat({posterior.mu_BZ, posterior.sigma_BZ.log()}, -1);
    const auto shifts = shift_(context).view({-1, flows_, 2 * latent_ + 1});
    auto log_det_B = z_BZ.new_zeros({z_BZ.size(0)});
    for (std::int64_t flow = 0; flow < flows_; ++flow) {
      const auto shift = shifts.select(1, flow);
      const auto w_BZ = w_[flow] + shift.narrow(1, 0, latent_);
      const auto u_BZ = invertible(u_[flow] + shift.narrow(1, latent_, latent_), w_BZ);
      const auto bent_B1 =
          torch::tanh((w_BZ * z_BZ).sum(1, true) + shift.narrow(1, 2 * latent_, 1));
      const auto along_B = (u_BZ * w_BZ).sum(1);
      log_det_B = log_det_B + torch::log((1 + (1 - bent_B1.square()).squeeze(1) * along_B).abs());
      z_BZ = z_BZ + u_BZ * bent_B1;
    }
    return {z_BZ, log_det_B};
  }

  /// u moved along w so that u w > -1, where the map has an inverse (appendix A.1).
  static torch::Tensor invertible(const torch::Tensor& u_BZ, const torch::Tensor& w_BZ) {
    const auto along_B1 = (u_BZ * w_BZ).sum(1, true);
    const auto wanted_B1 = torch::softplus(along_B1) - 1;
    return u_BZ + (wanted_B1 - along_B1) * w_BZ / w_BZ.square().sum(1, true).clamp_min(1e-12);
  }

  std::int64_t flows_, latent_;
  torch::Tensor u_, w_;
  Dense shift_;
};

}  // namespace

std::shared_ptr<PosteriorKind> make_planar(const ModelConfig& config, torch::Generator generator) {
  return std::make_shared<Planar>(config, std::move(generator));
}

std::int64_t planar_weights(const ModelConfig& config) {
  const std::int64_t latent = config.latent;
  return config.flows * (2 * latent + 2 * latent * (2 * latent + 1));
}

}  // namespace musicvae::models
