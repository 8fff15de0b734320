#pragma once

#include <string>
#include <vector>

#include "models/config.hpp"

/// What the four registries say of their entries: families (models/families), posteriors and priors
/// (models/latent), and objectives (models/objective). A model is one of each. Which go together
/// follows from these properties alone, in check_combination().
namespace musicvae::models {

/// The prior or objective that family and posterior ask for.
inline constexpr const char* kAuto = "auto";

struct FamilyTraits {
  bool needs_pitches = false;  ///< It must know which tokens name pitches.
  bool needs_slots = false;    ///< It must know how many rows a bar may have.
  bool bar_latents = false;    ///< Each bar has a latent, whose prior is the family's own.
  bool own_latents = false;    ///< It builds on Gaussian latents under N(0, I), and on no others.
  bool fitted = false;         ///< It is fitted in one pass, and takes no steps.
  bool jacobian = false;       ///< It knows its encoder's Jacobian (Model::jacobian_norm_B()).
};

struct PosteriorTraits {
  bool categorical = false;  ///< z is a row of categories, one-hot.
  bool relaxed = false;      ///< In training z is drawn from another distribution near it.
  bool density = false;      ///< log q(z|x) is known of any z, not only of those drawn from it.
  bool gaussian = false;     ///< It is encode()'s Gaussian itself.
};

struct PriorTraits {
  bool categorical = false;    ///< It is one of one-hot rows.
  bool of_bars = false;        ///< It is that of bar latents.
  bool of_posteriors = false;  ///< It is made of q(z|x) of learned x, which must be bits.
  bool fitted = false;         ///< It follows the codes, and does not pull at them.
};

struct ObjectiveTraits {
  bool noise = true;      ///< z is drawn from q(z|x). Else it is its mean.
  bool density = false;   ///< It needs log q(z|x) of the z that training draws.
  bool jacobian = false;  ///< It needs the encoder's Jacobian.
  bool gaps = false;      ///< It also trains models with bar latents, and inpainters' own.
};

/// Each throws ModelError on a name that its registry does not have.
const FamilyTraits& family_traits(const std::string& family);
const PosteriorTraits& posterior_traits(const std::string& posterior);
const PriorTraits& prior_traits(const std::string& prior);
const ObjectiveTraits& objective_traits(const std::string& objective);

/// The names in each registry, in the order in which --help lists them.
std::vector<std::string> posterior_names();
std::vector<std::string> prior_names();
std::vector<std::string> objective_names();

/// Estimates of weights, as estimated_weights() has them.
std::int64_t posterior_weights(const ModelConfig& config);
std::int64_t prior_weights(const ModelConfig& config);

/// Throws ModelError, saying in a sentence why, where family, posterior, prior and objective make
/// no sense together. `config` is resolved().
void check_combination(const ModelConfig& config);

}  // namespace musicvae::models
