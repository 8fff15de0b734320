#include "models/latent/registry.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "models/families/conductor.hpp"
#include "models/families/flat.hpp"
#include "models/families/hierarchical.hpp"
#include "models/families/inpaintnet.hpp"
#include "models/families/masked.hpp"
#include "models/families/mlp.hpp"
#include "models/families/pca.hpp"
#include "models/families/pianotree.hpp"
#include "models/families/sketchnet.hpp"
#include "models/model.hpp"
#include "models/registries.hpp"

namespace musicvae::models {
namespace {

struct Family {
  std::string_view name;
  std::shared_ptr<Model> (*make)(const ModelConfig& config, torch::Generator generator);
  /// An estimate without the posterior's heads and the output layer, which all have that take
  /// steps, and without the weights of posterior and prior.
  std::int64_t (*weights)(const ModelConfig& config);
  FamilyTraits traits = {};
};

// One line a family.
constexpr std::array kFamilies{
    Family{"conductor", make_conductor, conductor_weights, {.bar_latents = true}},
    Family{"flat", make_flat, flat_weights},
    Family{"hierarchical", make_hierarchical, hierarchical_weights},
    Family{"inpaintnet", make_inpaintnet, inpaintnet_weights, {.own_latents = true}},
    Family{"masked", make_masked, masked_weights},
    Family{"mlp", make_mlp, mlp_weights, {.needs_slots = true, .jacobian = true}},
    Family{"pca", make_pca, pca_weights, {.needs_slots = true, .fitted = true}},
    Family{"pianotree", make_pianotree, pianotree_weights, {.needs_pitches = true}},
    Family{"sketchnet",
           make_sketchnet,
           sketchnet_weights,
           {.needs_pitches = true, .own_latents = true}},
};

const Family& family_of(const std::string& name) {
  const auto found = std::find_if(kFamilies.begin(), kFamilies.end(),
                                  [&](const Family& family) { return family.name == name; });
  if (found == kFamilies.end()) throw ModelError("no family is called '" + name + "'");
  return *found;
}

/// `config` with posterior, prior and objective of another.
ModelConfig with_latent_of(ModelConfig config, const ModelConfig& other) {
  config.posterior = other.posterior;
  config.prior = other.prior;
  config.objective = other.objective;
  config.flows = other.flows;
  config.categories = other.categories;
  config.components = other.components;
  if (!family_of(config.family).traits.needs_slots) config.rows_per_bar = other.rows_per_bar;
  return config;
}

/// Whether a tensor is of a posterior or prior (Model::set_latent()).
bool is_latent(const std::string& name) {
  return name.starts_with("posterior_kind.") || name.starts_with("prior_kind.");
}

}  // namespace

std::vector<std::string> family_names() {
  std::vector<std::string> names;
  for (const auto& family : kFamilies) names.emplace_back(family.name);
  return names;
}

bool needs_pitches(const std::string& family) { return family_of(family).traits.needs_pitches; }

const FamilyTraits& family_traits(const std::string& family) { return family_of(family).traits; }

std::int64_t estimated_weights(const ModelConfig& config) {
  const Family& family = family_of(config.family);
  const auto chosen = resolved(config);
  const auto heads = std::int64_t{4} * config.latent * config.encoder.hidden +
                     std::int64_t{config.row_width} * config.decoder.hidden;
  return (family.traits.fitted ? 0 : heads) + family.weights(config) + posterior_weights(chosen) +
         prior_weights(chosen);
}

std::map<std::string, torch::Tensor> weights_in_common(
    const ModelConfig& from, const std::map<std::string, torch::Tensor>& weights,
    const ModelConfig& to) {
  if (from == to) return weights;
  if (with_latent_of(from, to) == to) {
    auto network = weights;
    std::erase_if(network, [](const auto& item) { return is_latent(item.first); });
    return network;
  }
  if (!have_equal_bars(from, to)) return {};
  auto bars = weights;
  std::erase_if(bars, [](const auto& item) { return item.first.starts_with("prior."); });
  return bars;
}

std::shared_ptr<Model> make_model(const ModelConfig& config, torch::Generator generator) {
  validate(config);
  const auto chosen = resolved(config);
  auto model = family_of(config.family).make(chosen, generator);
  add_latent(*model, std::move(generator));
  return model;
}

}  // namespace musicvae::models
