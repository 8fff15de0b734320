#include <algorithm>
#include <cmath>
#include <utility>

#include <torch/utils.h>

#include "models/latent/kinds.hpp"

namespace musicvae::models {
namespace {

/// The share of a new batch in the moments, once there are many: codes of the last few hundred
/// batches count.
constexpr double kLeastShare = 0.01;

/// The least variance of a direction in which codes do not differ.
constexpr double kLeastVariance = 1e-6;

class Fitted : public Prior {
 public:
  explicit Fitted(const ModelConfig& config)
      : batches_(register_parameter("batches", torch::zeros({1}), false)),
        mean_(register_parameter("mean", torch::zeros({config.latent}), false)),
        moment_(register_parameter("moment", torch::eye(config.latent), false)) {}

  torch::Tensor log_density_B(const torch::Tensor& z_BZ) override {
    const auto [variance_D, axis_ZD] = axes();
    const auto squares_B = (torch::matmul(z_BZ - mean_, axis_ZD).square() / variance_D).sum(1);
    const double log_two_pi = std::log(2 * std::acos(-1.0));
    return -0.5 * (squares_B + variance_D.log().sum() + double(mean_.size(0)) * log_two_pi);
  }
  torch::Tensor draw_BZ(std::int64_t count, double temperature,
                        torch::Generator generator) override {
    const auto [variance_D, axis_ZD] = axes();
    const auto noise_BZ =
        torch::randn({count, mean_.size(0)}, std::move(generator)).to(mean_.options());
    return mean_ + temperature * torch::matmul(noise_BZ * variance_D.sqrt(), axis_ZD.t());
  }
  LatentWay way() const override { return LatentWay::kLine; }

  void follow(const torch::Tensor& z_BZ) override {
    const torch::NoGradGuard no_grad;
    const auto codes_BZ = z_BZ.detach();
    const auto count = double(codes_BZ.size(0));
    const auto share = (1 / (batches_ + 1)).clamp_min(kLeastShare);
    mean_.add_(share * (codes_BZ.mean(0) - mean_));
    moment_.add_(share * (torch::matmul(codes_BZ.t(), codes_BZ) / count - moment_));
    batches_.add_(1);
  }

 private:
  /// Variances and orthonormal axes of the covariance.
  std::pair<torch::Tensor, torch::Tensor> axes() const {
    const auto covariance = moment_ - torch::outer(mean_, mean_);
    auto [variance_D, axis_ZD] = torch::linalg_eigh(covariance);
    return {variance_D.clamp_min(kLeastVariance), axis_ZD};
  }

  torch::Tensor batches_, mean_, moment_;
};

}  // namespace

std::shared_ptr<Prior> make_fitted(const ModelConfig& config, Model& /*model*/,
                                   torch::Generator /*generator*/) {
  return std::make_shared<Fitted>(config);
}

std::int64_t fitted_weights(const ModelConfig& config) {
  return std::int64_t{config.latent} * config.latent;
}

}  // namespace musicvae::models
