#include "models/latent/registry.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "models/latent/kinds.hpp"
#include "models/registries.hpp"

namespace musicvae::models {
namespace {

std::int64_t no_weights(const ModelConfig& /*config*/) { return 0; }

struct PosteriorEntry {
  std::string_view name;
  std::shared_ptr<PosteriorKind> (*make)(const ModelConfig& config, torch::Generator generator);
  std::int64_t (*weights)(const ModelConfig& config);
  PosteriorTraits traits;
};

struct PriorEntry {
  std::string_view name;
  std::shared_ptr<Prior> (*make)(const ModelConfig& config, Model& model,
                                 torch::Generator generator);
  std::int64_t (*weights)(const ModelConfig& config);
  PriorTraits traits;
};

// One line a posterior.
constexpr std::array kPosteriors{
    PosteriorEntry{"gaussian", make_gaussian, no_weights, {.density = true, .gaussian = true}},
    PosteriorEntry{"planar", make_planar, planar_weights, {}},
    PosteriorEntry{"coupling", make_coupling, coupling_weights, {.density = true}},
    PosteriorEntry{"categorical",
                   make_categorical,
                   no_weights,
                   {.categorical = true, .relaxed = true, .density = true}},
};

// One line a prior. The conductor's bars are drawn towards N(0, I) besides having a prior that the
// family brings.
constexpr std::array kPriors{
    PriorEntry{"normal", make_normal, no_weights, {}},
    PriorEntry{"mixture", make_mixture, mixture_weights, {}},
    PriorEntry{"vamp", make_vamp, vamp_weights, {.of_posteriors = true}},
    PriorEntry{"uniform", make_uniform, no_weights, {.categorical = true}},
    PriorEntry{"fitted", make_fitted, fitted_weights, {.fitted = true}},
    PriorEntry{"conductor", make_normal, no_weights, {.of_bars = true}},
};

template <class Entries>
std::vector<std::string> names_of(const Entries& entries) {
  std::vector<std::string> names;
  for (const auto& entry : entries) names.emplace_back(entry.name);
  return names;
}

template <class Entries>
const auto& entry_of(const Entries& entries, const std::string& name, const char* what) {
  const auto found = std::find_if(entries.begin(), entries.end(),
                                  [&](const auto& entry) { return entry.name == name; });
  if (found == entries.end()) {
    throw ModelError("no " + std::string(what) + " is called '" + name + "'");
  }
  return *found;
}

const PosteriorEntry& posterior_entry(const std::string& name) {
  return entry_of(kPosteriors, name, "posterior");
}
const PriorEntry& prior_entry(const std::string& name) { return entry_of(kPriors, name, "prior"); }

}  // namespace

std::vector<std::string> posterior_names() { return names_of(kPosteriors); }
std::vector<std::string> prior_names() { return names_of(kPriors); }

const PosteriorTraits& posterior_traits(const std::string& posterior) {
  return posterior_entry(posterior).traits;
}
const PriorTraits& prior_traits(const std::string& prior) { return prior_entry(prior).traits; }

std::int64_t posterior_weights(const ModelConfig& config) {
  return posterior_entry(config.posterior).weights(config);
}
std::int64_t prior_weights(const ModelConfig& config) {
  return prior_entry(config.prior).weights(config);
}

void add_latent(Model& model, torch::Generator generator) {
  const auto& config = model.config();
  auto posterior = posterior_entry(config.posterior).make(config, generator);
  auto prior = prior_entry(config.prior).make(config, model, std::move(generator));
  model.set_latent(std::move(posterior), std::move(prior));
}

}  // namespace musicvae::models
