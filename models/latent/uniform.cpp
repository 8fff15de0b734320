#include <cmath>
#include <utility>

#include <torch/utils.h>

#include "models/latent/kinds.hpp"

namespace musicvae::models {
namespace {

class Uniform : public Prior {
 public:
  explicit Uniform(const ModelConfig& config)
      : categories_(config.categories), parts_(config.latent / config.categories) {}

  torch::Tensor log_density_B(const torch::Tensor& z_BZ) override {
    return z_BZ.new_full({z_BZ.size(0)}, -double(parts_) * std::log(double(categories_)));
  }
  torch::Tensor draw_BZ(std::int64_t count, double /*temperature*/,
                        torch::Generator generator) override {
    const auto which_BG =
        torch::randint(categories_, {count, parts_}, std::move(generator), torch::kLong);
    return torch::one_hot(which_BG, categories_).flatten(1).to(torch::kFloat);
  }
  torch::Tensor kl_BD(const Posterior& posterior) override {
    const auto log_p_BGC = torch::log_softmax(posterior.mu_BZ.unflatten(-1, {-1, categories_}), -1);
    return (log_p_BGC.exp() * log_p_BGC).sum(-1) + std::log(double(categories_));
  }
  LatentWay way() const override { return LatentWay::kExchange; }

 private:
  std::int64_t categories_, parts_;
};

}  // namespace

std::shared_ptr<Prior> make_uniform(const ModelConfig& config, Model& /*model*/,
                                    torch::Generator /*generator*/) {
  return std::make_shared<Uniform>(config);
}

}  // namespace musicvae::models
