#include <utility>

#include <torch/utils.h>

#include "models/latent/densities.hpp"
#include "models/latent/kinds.hpp"
#include "models/runtime/transfer.hpp"

namespace musicvae::models {
namespace {

/// Components begin narrower than N(0, I) and apart from each other, or they would stay alike.
constexpr double kFirstLogSigma = -0.5;

class Mixture : public Prior {
 public:
  Mixture(const ModelConfig& config, torch::Generator generator)
      : share_(register_parameter("share", torch::zeros({config.components}))),
        mean_(register_parameter(
            "mean", first_values({config.components, config.latent}, 1, std::move(generator)))),
        log_sigma_(register_parameter(
            "log_sigma", torch::full({config.components, config.latent}, kFirstLogSigma))) {}

  torch::Tensor log_density_B(const torch::Tensor& z_BZ) override {
    return component_log_density_BK(z_BZ).logsumexp(1);
  }
  torch::Tensor component_log_density_BK(const torch::Tensor& z_BZ) override {
    return torch::log_softmax(share_, 0) +
           gaussian_log_density(z_BZ.unsqueeze(1), mean_, log_sigma_.exp()).sum(-1);
  }
  torch::Tensor draw_BZ(std::int64_t count, double temperature,
                        torch::Generator generator) override {
    const auto shares_K = torch::softmax(share_, 0).to(torch::kCPU);
    const auto which_B = send(torch::multinomial(shares_K, count, true, generator), mean_.device());
    const auto noise_BZ = torch::randn({count, mean_.size(1)}, std::move(generator));
    return mean_.index_select(0, which_B) +
           temperature * log_sigma_.exp().index_select(0, which_B) * noise_BZ.to(mean_.options());
  }
  torch::Tensor component_shares_K() const override { return torch::softmax(share_, 0).detach(); }
  LatentWay way() const override { return LatentWay::kLine; }

 private:
  torch::Tensor share_, mean_, log_sigma_;
};

}  // namespace

std::shared_ptr<Prior> make_mixture(const ModelConfig& config, Model& /*model*/,
                                    torch::Generator generator) {
  return std::make_shared<Mixture>(config, std::move(generator));
}

std::int64_t mixture_weights(const ModelConfig& config) {
  return std::int64_t{2} * config.components * config.latent;
}

}  // namespace musicvae::models
