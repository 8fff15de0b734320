#include <string>

#include "models/registries.hpp"

namespace musicvae::models {
namespace {

/// Refuses a combination: `what` and `why` make a sentence, `instead` says what to do.
void refuse_if(bool senseless, const std::string& why, const std::string& instead) {
  if (senseless) throw ModelError(why + "; " + instead);
}

std::string quoted(const std::string& name) { return "'" + name + "'"; }

const char* own_prior(const FamilyTraits& family, const PosteriorTraits& posterior,
                      const ObjectiveTraits& objective) {
  if (family.bar_latents) return "conductor";
  if (!objective.noise) return "fitted";
  return posterior.categorical ? "uniform" : "normal";
}

/// Families that bring latents of their own take no others.
void check_own_latents(const ModelConfig& config, const FamilyTraits& family) {
  const bool plain = config.posterior == "gaussian" && objective_traits(config.objective).gaps &&
                     config.prior == own_prior(family, posterior_traits(config.posterior), {});
  refuse_if((family.bar_latents || family.own_latents) && !plain,
            "family " + quoted(config.family) +
                " is built on Gaussian latents of bars and has its own prior for them",
            "leave out --posterior, --prior and --objective, or take another --family");
}

void check_latents(const ModelConfig& config, const FamilyTraits& family,
                   const PosteriorTraits& posterior, const PriorTraits& prior) {
  check_own_latents(config, family);
  refuse_if(prior.of_bars && !family.bar_latents,
            "prior " + quoted(config.prior) + " is of models whose bars have latents, and family " +
                quoted(config.family) + " has one for a passage",
            "take --family conductor, or another --prior");
  refuse_if(posterior.categorical != prior.categorical,
            "posterior " + quoted(config.posterior) + " and prior " + quoted(config.prior) +
                " are of different spaces, categories and real numbers",
            "a categorical z goes with --prior uniform, any other z does not");
  refuse_if(prior.of_posteriors && !posterior.density,
            "prior " + quoted(config.prior) + " is a mixture of posteriors, and the density of " +
                quoted(config.posterior) + " is not known of z that it did not draw",
            "take --posterior gaussian or coupling");
  refuse_if(prior.of_posteriors && config.row_kind != RowKind::kBits,
            "prior " + quoted(config.prior) +
                " learns music to encode, and tokens cannot be learned by their gradient",
            "take a codec of bits, such as --codec pianoroll");
  refuse_if(posterior.categorical && config.latent % config.categories != 0,
            "posterior " + quoted(config.posterior) + " divides latent (" +
                std::to_string(config.latent) + ") into parts of " +
                std::to_string(config.categories) + " categories",
            "make --latent a multiple of --categories");
  refuse_if(config.posterior == "coupling" && config.latent < 2,
            "posterior 'coupling' moves one half of z by the other", "make --latent 2 or more");
}

void check_objective(const ModelConfig& config, const FamilyTraits& family,
                     const PosteriorTraits& posterior, const PriorTraits& prior,
                     const ObjectiveTraits& objective) {
  const auto name = "objective " + quoted(config.objective);
  refuse_if(family.fitted && config.objective != "ae",
            "family " + quoted(config.family) + " is fitted exactly and minimises nothing else",
            "take --objective ae");
  refuse_if(!objective.noise && !posterior.gaussian,
            name + " takes the mean of a Gaussian for z and draws nothing",
            "take --posterior gaussian");
  refuse_if(!objective.noise && !prior.fitted,
            name + " draws z towards no prior, so none can be learned or kept to",
            "leave --prior at auto, which fits a Gaussian to the codes");
  refuse_if(objective.noise && prior.fitted,
            "prior " + quoted(config.prior) + " only follows the codes, and " + name +
                " draws them towards a prior",
            "leave --prior at auto");
  refuse_if(objective.density && posterior.relaxed,
            name + " weighs samples by their density, and a categorical z is relaxed in training",
            "take another --posterior or --objective");
  refuse_if(objective.jacobian && !family.jacobian,
            name + " needs the Jacobian of the encoder, which family " + quoted(config.family) +
                " does not have in closed form",
            "take --family mlp");
  refuse_if(objective.jacobian && config.row_kind != RowKind::kBits,
            name + " asks how the code moves with its input, and tokens do not move by degrees",
            "take a codec of bits, such as --codec pianoroll");
}

}  // namespace

ModelConfig resolved(ModelConfig config) {
  const auto& family = family_traits(config.family);
  if (config.objective == kAuto) config.objective = family.fitted ? "ae" : "elbo";
  if (config.prior == kAuto) {
    config.prior =
        own_prior(family, posterior_traits(config.posterior), objective_traits(config.objective));
  }
  return config;
}

bool needs_slots(const ModelConfig& config) {
  return family_traits(config.family).needs_slots ||
         (config.prior != kAuto && prior_traits(config.prior).of_posteriors);
}

void check_combination(const ModelConfig& config) {
  const auto& family = family_traits(config.family);
  const auto& posterior = posterior_traits(config.posterior);
  const auto& prior = prior_traits(config.prior);
  const auto slots =
      family.needs_slots ? "family " + quoted(config.family) : "prior " + quoted(config.prior);
  refuse_if(config.rows_per_bar > kMaxSlots,
            slots + " has weights for every row of a bar, and the codec's bars may have " +
                std::to_string(config.rows_per_bar) + " of them",
            "take a codec with a row a step, such as --codec pianoroll or melody");
  refuse_if(needs_slots(config) && config.rows_per_bar < 1,
            slots + " needs rows_per_bar, the rows of the longest bar", "set it to 1 or more");
  check_latents(config, family, posterior, prior);
  check_objective(config, family, posterior, prior, objective_traits(config.objective));
}

}  // namespace musicvae::models
