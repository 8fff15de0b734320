#pragma once

#include <cstdint>

#include <torch/nn/module.h>
#include <torch/types.h>

/// What z is in a model, whatever its family: how it is drawn from q(z|x), and what p(z) is. The
/// kinds there are stand in models/latent.
namespace musicvae::models {

/// What an encoder says of z: a diagonal Gaussian. It is q(z|x) itself, or what the model's
/// PosteriorKind makes q(z|x) of.
struct Posterior {
  torch::Tensor mu_BZ;     ///< [B, U, Z] where each bar has a latent (Model::has_bar_latents()).
  torch::Tensor sigma_BZ;  ///< A standard deviation.
};

/// How z is drawn.
struct DrawOptions {
  /// Temperature of categories in training (Jang et al. 2017, section 2.1). 0 draws one-hot rows.
  double relaxation = 0;
  /// Whether the decoder sees one-hot rows all the same, with the gradient of the relaxed ones.
  bool straight_through = false;
};

struct LatentDraw {
  torch::Tensor z_BZ;
  torch::Tensor log_q_B;  ///< log q(z|x) in nats; undefined where z is relaxed.
};

/// A family of distributions q(z|x).
class PosteriorKind : public torch::nn::Module {
 public:
  /// Draws z by one number for each dimension: uniform from [0, 1) where uniform_noise(), else from
  /// N(0, 1). The noise has the sizes, type and device of the posterior's mu.
  virtual LatentDraw draw(const Posterior& posterior, const torch::Tensor& noise_BZ,
                          const DrawOptions& options) = 0;
  virtual bool uniform_noise() const { return false; }
  /// The z that stands for a passage: where the centre of encode()'s Gaussian goes, or the
  /// likeliest categories.
  virtual torch::Tensor centre_BZ(const Posterior& posterior) = 0;
  /// log q(z|x) in nats of any z: [B]. Throws ModelError where that is not known
  /// (PosteriorTraits::density).
  virtual torch::Tensor log_density_B(const Posterior& posterior, const torch::Tensor& z_BZ);
  /// Whether Prior::kl_BD() may be asked of encode()'s Gaussian itself.
  virtual bool closed_kl() const { return false; }
};

/// How to go from one z to another through what the prior holds likely.
enum class LatentWay {
  kSphere,    ///< z is distributed as N(0, I), whose samples have much the same length.
  kLine,      ///< Straight through whatever lies between.
  kExchange,  ///< One category after the other.
};

/// p(z).
class Prior : public torch::nn::Module {
 public:
  /// log p(z) in nats: [B].
  virtual torch::Tensor log_density_B(const torch::Tensor& z_BZ) = 0;
  /// Draws z by a generator on the CPU, [count, Z], on the prior's device. A temperature below 1
  /// draws nearer to the centres, 0 the centres; categories have none.
  virtual torch::Tensor draw_BZ(std::int64_t count, double temperature,
                                torch::Generator generator) = 0;
  /// KL(q(z|x) || p(z)) in nats, by dimension or category: [B, D] or [B, U, D]. Undefined where
  /// there is no closed form.
  virtual torch::Tensor kl_BD(const Posterior& /*posterior*/) { return {}; }
  virtual LatentWay way() const = 0;
  /// log p(k) + log p(z|k) of each component: [B, K]. Undefined where the prior is no mixture.
  virtual torch::Tensor component_log_density_BK(const torch::Tensor& /*z_BZ*/) { return {}; }
  /// How often each component is drawn: [K]. Undefined likewise.
  virtual torch::Tensor component_shares_K() const { return {}; }
  /// Takes codes of training, for a prior that follows them.
  virtual void follow(const torch::Tensor& /*z_BZ*/) {}
};

}  // namespace musicvae::models
