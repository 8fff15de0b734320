#include <utility>

#include <torch/utils.h>

#include "models/latent/densities.hpp"
#include "models/latent/kinds.hpp"

namespace musicvae::models {
namespace {

/// Noise this near to 0 and 1 has no finite Gumbel number in float.
constexpr double kLeastNoise = 1e-7;

torch::Tensor one_hot_like(const torch::Tensor& scores_BGC) {
  return torch::zeros_like(scores_BGC).scatter_(-1, scores_BGC.argmax(-1, true), 1);
}

class Categorical : public PosteriorKind {
 public:
  explicit Categorical(const ModelConfig& config) : categories_(config.categories) {}

  LatentDraw draw(const Posterior& posterior, const torch::Tensor& noise_BZ,
                  const DrawOptions& options) override {
    const auto log_p_BGC = log_probabilities(posterior);
    const auto noise = noise_BZ.clamp(kLeastNoise, 1 - kLeastNoise).view_as(log_p_BGC);
    const auto scores_BGC = log_p_BGC - (-noise.log()).log();
    if (options.relaxation == 0) {
      const auto chosen_BGC = one_hot_like(scores_BGC.detach());
      return {chosen_BGC.flatten(1), sum_B(chosen_BGC * log_p_BGC)};
    }
    auto z_BGC = torch::softmax(scores_BGC / options.relaxation, -1);
    if (options.straight_through) {
      z_BGC = one_hot_like(z_BGC.detach()) + z_BGC - z_BGC.detach();
    }
    return {z_BGC.flatten(1), {}};
  }
  bool uniform_noise() const override { return true; }
  torch::Tensor centre_BZ(const Posterior& posterior) override {
    return one_hot_like(log_probabilities(posterior)).flatten(1);
  }
  torch::Tensor log_density_B(const Posterior& posterior, const torch::Tensor& z_BZ) override {
    return sum_B(z_BZ * log_probabilities(posterior).flatten(1));
  }
  bool closed_kl() const override { return true; }

 private:
  torch::Tensor log_probabilities(const Posterior& posterior) const {
    return torch::log_softmax(posterior.mu_BZ.unflatten(-1, {-1, categories_}), -1);
  }

  std::int64_t categories_;
};

}  // namespace

std::shared_ptr<PosteriorKind> make_categorical(const ModelConfig& config,
                                                torch::Generator /*generator*/) {
  return std::make_shared<Categorical>(config);
}

}  // namespace musicvae::models
