#pragma once

#include <cstdint>
#include <memory>

#include "models/config.hpp"
#include "models/latent.hpp"
#include "models/model.hpp"

/// The kinds of posteriors and priors; registry.cpp lists them. Parameters are drawn from the
/// generator; if that is undefined, they are to be loaded.
namespace musicvae::models {

/// encode()'s Gaussian itself.
std::shared_ptr<PosteriorKind> make_gaussian(const ModelConfig& config, torch::Generator generator);

/// Planar flows (Rezende and Mohamed 2015, section 4.1): `flows` maps z + u tanh(w z + b), whose u,
/// w and b depend on the Gaussian that they begin from.
std::shared_ptr<PosteriorKind> make_planar(const ModelConfig& config, torch::Generator generator);
std::int64_t planar_weights(const ModelConfig& config);

/// Affine coupling layers (Dinh et al. 2017, section 3.2): `flows` times one half of z is scaled
/// and moved as the other half and the Gaussian say. It is the identity at first.
std::shared_ptr<PosteriorKind> make_coupling(const ModelConfig& config, torch::Generator generator);
std::int64_t coupling_weights(const ModelConfig& config);

/// z is one-hot rows of `categories`, whose logits are encode()'s mu; sigma says nothing. Relaxed
/// draws are Gumbel-softmax (Jang et al. 2017).
std::shared_ptr<PosteriorKind> make_categorical(const ModelConfig& config,
                                                torch::Generator generator);

/// N(0, I).
std::shared_ptr<Prior> make_normal(const ModelConfig& config, Model& model,
                                   torch::Generator generator);

/// `components` learned diagonal Gaussians with learned shares (Dilokthanakul et al. 2016).
std::shared_ptr<Prior> make_mixture(const ModelConfig& config, Model& model,
                                    torch::Generator generator);
std::int64_t mixture_weights(const ModelConfig& config);

/// The VampPrior (Tomczak and Welling 2018): the mean of q(z|x) over `components` learned passages
/// of bars half as long as the longest. The prior must not outlive `model`.
std::shared_ptr<Prior> make_vamp(const ModelConfig& config, Model& model,
                                 torch::Generator generator);
std::int64_t vamp_weights(const ModelConfig& config);

/// All categories alike.
std::shared_ptr<Prior> make_uniform(const ModelConfig& config, Model& model,
                                    torch::Generator generator);

/// A Gaussian with the mean and covariance of the codes that training has seen of late, so that
/// music can be drawn from autoencoders that have no prior (ex-post density estimation, Ghosh et
/// al. 2020). At first it is N(0, I).
std::shared_ptr<Prior> make_fitted(const ModelConfig& config, Model& model,
                                   torch::Generator generator);
std::int64_t fitted_weights(const ModelConfig& config);

}  // namespace musicvae::models
