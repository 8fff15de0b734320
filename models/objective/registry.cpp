#include "models/objective/registry.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include "models/registries.hpp"

namespace musicvae::models {
namespace {

struct Objective {
  std::string_view name;
  ObjectiveLoss loss;
  ObjectiveTraits traits;
};

// One line an objective.
constexpr std::array kObjectives{
    Objective{"elbo", elbo_loss, {.gaps = true}},
    Objective{"iwae", iwae_loss, {.density = true}},
    Objective{"mmd", mmd_loss, {}},
    Objective{"ae", ae_loss, {.noise = false}},
    Objective{"sparse", sparse_loss, {.noise = false}},
    Objective{"contractive", contractive_loss, {.noise = false, .jacobian = true}},
    Objective{"denoising", denoising_loss, {.noise = false}},
};

const Objective& objective_of(const std::string& name) {
  const auto found = std::find_if(kObjectives.begin(), kObjectives.end(),
                                  [&](const Objective& entry) { return entry.name == name; });
  if (found == kObjectives.end()) throw ModelError("no objective is called '" + name + "'");
  return *found;
}

}  // namespace

std::vector<std::string> objective_names() {
  std::vector<std::string> names;
  for (const auto& objective : kObjectives) names.emplace_back(objective.name);
  return names;
}

const ObjectiveTraits& objective_traits(const std::string& objective) {
  return objective_of(objective).traits;
}

ObjectiveLoss objective_loss(const std::string& objective) { return objective_of(objective).loss; }

}  // namespace musicvae::models
