#include <cmath>
#include <utility>
#include <vector>

#include <torch/utils.h>

#include "models/latent/densities.hpp"
#include "models/latent/kinds.hpp"
#include "models/layers/dense.hpp"

namespace musicvae::models {
namespace {

constexpr std::int64_t kUnits = 128;

/// No layer scales by more than e^kMostScale, nor by less than its inverse.
constexpr double kMostScale = 2;

/// One layer: the half at `given` stays and says how the other half moves.
class CouplingLayer : public torch::nn::Module {
 public:
  CouplingLayer(std::int64_t latent, bool first_given, torch::Generator generator)
      : first_given_(first_given),
        given_(first_given ? latent / 2 : latent - latent / 2),
        moved_(latent - given_),
        inner_(given_ + 2 * latent, kUnits, 1 / std::sqrt(double(given_ + 2 * latent)), generator),
        outer_(kUnits, 2 * moved_, kHeadStddev, std::move(generator)) {
    register_module("inner", inner_);
    register_module("outer", outer_);
  }

  /// z and the log determinant.
  std::pair<torch::Tensor, torch::Tensor> forward(const torch::Tensor& z_BZ,
                                                  const torch::Tensor& context) {
    const auto [given, moved] = split(z_BZ);
    const auto [scale, shift] = move_of(given, context);
    return {join(given, moved * scale.exp() + shift), scale.sum(1)};
  }
  /// The z that forward() takes here, and the log determinant of forward() there.
  std::pair<torch::Tensor, torch::Tensor> inverse(const torch::Tensor& z_BZ,
                                                  const torch::Tensor& context) {
    const auto [given, moved] = split(z_BZ);
    const auto [scale, shift] = move_of(given, context);
    return {join(given, (moved - shift) * (-scale).exp()), scale.sum(1)};
  }

 private:
  std::pair<torch::Tensor, torch::Tensor> split(const torch::Tensor& z_BZ) const {
    return {z_BZ.narrow(1, first_given_ ? 0 : moved_, given_),
            z_BZ.narrow(1, first_given_ ? given_ : 0, moved_)};
  }
  torch::Tensor join(const torch::Tensor& given, const torch::Tensor& moved) const {
    return first_given_ ? torch::cat({given, moved}, 1) : torch::cat({moved, given}, 1);
  }
  /// The logarithm of the scale, and the shift.
  std::pair<torch::Tensor, torch::Tensor> move_of(const torch::Tensor& given,
                                                  const torch::Tensor& context) {
    const auto both = outer_(torch::tanh(inner_(torch::cat({given, context}, 1))));
    return {kMostScale * torch::tanh(both.narrow(1, 0, moved_) / kMostScale),
            both.narrow(1, moved_, moved_)};
  }

  bool first_given_;
  std::int64_t given_, moved_;
  Dense inner_, outer_;
};

class Coupling : public PosteriorKind {
 public:
  Coupling(const ModelConfig& config, torch::Generator generator) {
    for (int i = 0; i < config.flows; ++i) {
      layers_.push_back(
          register_module("layer_" + std::to_string(i),
                          std::make_shared<CouplingLayer>(config.latent, i % 2 == 0, generator)));
    }
  }

  LatentDraw draw(const Posterior& posterior, const torch::Tensor& noise_BZ,
                  const DrawOptions& /*options*/) override {
    const auto first_BZ = posterior.mu_BZ + posterior.sigma_BZ * noise_BZ;
    const auto [z_BZ, log_det_B] = through(posterior, first_BZ);
    return {z_BZ,
            sum_B(gaussian_log_density(first_BZ, posterior.mu_BZ, posterior.sigma_BZ)) - log_det_B};
  }
  torch::Tensor centre_BZ(const Posterior& posterior) override {
    return through(posterior, posterior.mu_BZ).first;
  }
  torch::Tensor log_density_B(const Posterior& posterior, const torch::Tensor& z_BZ) override {
    const auto context = context_of(posterior);
    auto first_BZ = z_BZ;
    auto log_det_B = z_BZ.new_zeros({z_BZ.size(0)});
    for (auto layer = layers_.rbegin(); layer != layers_.rend(); ++layer) {
      auto [before, added] = (*layer)->inverse(first_BZ, context);
      first_BZ = before;
      log_det_B = log_det_B + added;
    }
    return sum_B(gaussian_log_density(first_BZ, posterior.mu_BZ, posterior.sigma_BZ)) - log_det_B;
  }

 private:
  static torch::Tensor context_of(const Posterior& posterior) {
    return torch::cat({posterior.mu_BZ, posterior.sigma_BZ.log()}, -1);
  }
  std::pair<torch::Tensor, torch::Tensor> through(const Posterior& posterior, torch::Tensor z_BZ) {
    const auto context = context_of(posterior);
    auto log_det_B = z_BZ.new_zeros({z_BZ.size(0)});
    for (const auto& layer : layers_) {
      auto [after, added] = layer->forward(z_BZ, context);
      z_BZ = after;
      log_det_B = log_det_B + added;
    }
    return {z_BZ, log_det_B};
  }

  std::vector<std::shared_ptr<CouplingLayer>> layers_;
};

}  // namespace

std::shared_ptr<PosteriorKind> make_coupling(const ModelConfig& config,
                                             torch::Generator generator) {
  return std::make_shared<Coupling>(config, std::move(generator));
}

std::int64_t coupling_weights(const ModelConfig& config) {
  const std::int64_t latent = config.latent, half = (latent + 1) / 2;
  return config.flows * kUnits * (half + 2 * latent + 2 * half);
}

}  // namespace musicvae::models
