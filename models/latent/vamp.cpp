#include <algorithm>
#include <cmath>
#include <utility>

#include <torch/utils.h>

#include "models/latent/densities.hpp"
#include "models/latent/kinds.hpp"
#include "models/runtime/transfer.hpp"

namespace musicvae::models {
namespace {

/// Learned passages begin mostly silent, as music is, and differ from each other.
constexpr double kFirstBit = -3, kFirstSpread = 1;

std::int64_t pseudo_rows(const ModelConfig& config) { return std::max(1, config.rows_per_bar / 2); }

class Vamp : public Prior {
 public:
  Vamp(const ModelConfig& config, Model& model, torch::Generator generator)
      : model_(model),
        lengths_BU_(
            torch::full({config.components, config.bars}, pseudo_rows(config), torch::kLong)),
        bits_(register_parameter(
            "bits", kFirstBit + first_values({config.components, config.bars, pseudo_rows(config),
                                              config.row_width},
                                             kFirstSpread, generator))),
        controls_(register_parameter(
            "controls", first_values({config.components, config.bars, config.control_width}, 0.1,
                                     std::move(generator)))) {}

  torch::Tensor log_density_B(const torch::Tensor& z_BZ) override {
    return component_log_density_BK(z_BZ).logsumexp(1);
  }
  torch::Tensor component_log_density_BK(const torch::Tensor& z_BZ) override {
    const auto passages = z_BZ.size(0), components = bits_.size(0);
    const auto posterior = pseudo_posterior();
    const Posterior repeated{posterior.mu_BZ.repeat({passages, 1}),
                             posterior.sigma_BZ.repeat({passages, 1})};
    return model_.posterior_kind()
               .log_density_B(repeated, z_BZ.repeat_interleave(components, 0))
               .view({passages, components}) -
           std::log(double(components));
  }
  torch::Tensor draw_BZ(std::int64_t count, double temperature,
                        torch::Generator generator) override {
    const auto which_B =
        send(torch::randint(bits_.size(0), {count}, generator, torch::kLong), bits_.device());
    const auto posterior = pseudo_posterior();
    const auto noise_BZ =
        temperature * torch::randn({count, posterior.mu_BZ.size(1)}, std::move(generator));
    return model_.posterior_kind()
        .draw(
            {posterior.mu_BZ.index_select(0, which_B), posterior.sigma_BZ.index_select(0, which_B)},
            noise_BZ.to(bits_.options()), {})
        .z_BZ;
  }
  torch::Tensor component_shares_K() const override {
    return torch::full({bits_.size(0)}, 1 / double(bits_.size(0)));
  }
  LatentWay way() const override { return LatentWay::kLine; }

 private:
  Posterior pseudo_posterior() {
    return model_.encode({torch::sigmoid(bits_), lengths_BU_, controls_});
  }

  Model& model_;
  torch::Tensor lengths_BU_;
  torch::Tensor bits_, controls_;
};

}  // namespace

std::shared_ptr<Prior> make_vamp(const ModelConfig& config, Model& model,
                                 torch::Generator generator) {
  return std::make_shared<Vamp>(config, model, std::move(generator));
}

std::int64_t vamp_weights(const ModelConfig& config) {
  return std::int64_t{config.components} * config.bars *
         (pseudo_rows(config) * config.row_width + config.control_width);
}

}  // namespace musicvae::models
