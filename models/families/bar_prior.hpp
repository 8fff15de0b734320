#pragma once

#include <cstdint>

#include <torch/nn/module.h>
#include <torch/nn/pimpl.h>
#include <torch/types.h>

#include "models/config.hpp"
#include "models/layers/causal_attention.hpp"
#include "models/layers/causal_transformer.hpp"
#include "models/layers/coupling_flow.hpp"

namespace musicvae::models {

/// p(z_u | z_1 .. z_u-1, meters): how a piece's bar latents follow each other. A causal transformer
/// reads the bars before and the bar's own meter. From what it says, a bar is either new, drawn
/// from a normalizing flow, or it repeats one of the bars before: then it is drawn from a Gaussian
/// around that bar's latent (a pointer mixture, as in Merity et al. 2017). Much of music repeats,
/// and a repeat need not be learnt dimension by dimension.
///
/// Music may have any number of bars. Each layer sees ModelConfig::bars of them.
class BarPriorImpl : public torch::nn::Module {
 public:
  BarPriorImpl(const ModelConfig& config, torch::Generator generator);

  /// log p(z_u | bars before), in nats: [B, U]. It does not depend on z_v for v > u.
  torch::Tensor log_density_BU(const torch::Tensor& z_BUZ, const torch::Tensor& controls_BUC);

  /// What a passage is made of: the bar that each bar repeats, or kNew, and numbers that are
  /// N(0, I), independently for each bar, where z is distributed as the prior.
  struct Coordinates {
    torch::Tensor source_BU;  ///< int64.
    torch::Tensor normal_BUZ;
  };
  static constexpr std::int64_t kNew = -1;

  /// The coordinates of z with the likeliest sources.
  Coordinates to_coordinates(const torch::Tensor& z_BUZ, const torch::Tensor& controls_BUC);
  /// The inverse, bar after bar.
  torch::Tensor from_coordinates(const Coordinates& coordinates, const torch::Tensor& controls_BUC);

  /// Draws `count` latents for the bar after those of before_BKZ, the normal numbers scaled by
  /// `temperature`: [B, count, Z]. The controls are those of all K + 1 bars, and `generator` is on
  /// the CPU.
  torch::Tensor draw_next(const torch::Tensor& before_BKZ, const torch::Tensor& controls_BUC,
                          std::int64_t count, double temperature, torch::Generator generator);

  /// Sets the mean and the standard deviation of each dimension over all bars, [Z]: what the
  /// networks see has mean 0 and deviation 1.
  void set_scale(const torch::Tensor& mean_Z, const torch::Tensor& stddev_Z);

 private:
  /// What is known of each bar before it is heard.
  struct Context {
    torch::Tensor read_BUH;  ///< The transformer's output, the flow's condition.
    torch::Tensor
        log_share_BUS;  ///< log p(source): new, then each bar from the first on; S = U + 1.
  };
  /// Gaussians around bars [.., Z], in which a repeat of each lies.
  struct Repeats {
    torch::Tensor mean, log_scale;
  };
  Context context(const torch::Tensor& whitened_BUZ, const torch::Tensor& controls_BUC);
  Repeats repeats_of(const torch::Tensor& whitened);
  torch::Tensor log_densities_BUS(const torch::Tensor& whitened_BUZ, const Context& told);
  /// What the prior is told of one bar, and the bars before it that it sees.
  struct Next {
    std::int64_t first = 0;    ///< The first of these bars.
    torch::Tensor before_BVZ;  ///< Whitened; a place for the bar itself is last.
    torch::Tensor read_BH;
    torch::Tensor log_share_BS;  ///< Sources are counted from bar `first` on.
  };
  Next next_bar(const torch::Tensor& whitened_BKZ, const torch::Tensor& controls_BUC);
  torch::Tensor make_bar(const Next& told, const torch::Tensor& source_BN,
                         const torch::Tensor& normal_BNZ);
  torch::Tensor whiten(const torch::Tensor& z_BUZ) const { return (z_BUZ - mean_) / stddev_; }

  std::int64_t reach_;  // A bar depends on no more bars before it.
  torch::Tensor mean_, stddev_;
  Dense input_;
  CausalTransformer transformer_;
  CouplingFlow flow_;
  Dense repeats_;             // The logit of a repeat.
  CausalAttention pointer_;   // The bar that is repeated.
  Dense near_hidden_, near_;  // How a repeat differs from its bar.
};
TORCH_MODULE(BarPrior);

std::int64_t bar_prior_weights(const ModelConfig& config);

}  // namespace musicvae::models
