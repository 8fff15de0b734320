#include <array>
#include <string_view>
#include <utility>

#include "models/families/flat.hpp"
#include "models/families/hierarchical.hpp"
#include "models/families/inpaintnet.hpp"
#include "models/families/masked.hpp"
#include "models/families/sketchnet.hpp"
#include "models/model.hpp"

namespace musicvae::models {
namespace {

struct Family {
  std::string_view name;
  std::shared_ptr<Model> (*make)(const ModelConfig& config, torch::Generator generator);
};

// One line a family.
constexpr std::array kFamilies{
    Family{"flat", make_flat},
    Family{"hierarchical", make_hierarchical},
    Family{"inpaintnet", make_inpaintnet},
    Family{"masked", make_masked},
    Family{"sketchnet", make_sketchnet},
};

}  // namespace

std::vector<std::string> family_names() {
  std::vector<std::string> names;
  for (const auto& family : kFamilies) names.emplace_back(family.name);
  return names;
}

std::shared_ptr<Model> make_model(const ModelConfig& config, torch::Generator generator) {
  validate(config);
  for (const auto& family : kFamilies) {
    if (family.name == config.family) return family.make(config, std::move(generator));
  }
  std::string known;
  for (const auto& name : family_names()) known.append(" ").append(name);
  throw ModelError("model config: no family '" + config.family.substr(0, 60) +
                   "'; there are:" + known);
}

}  // namespace musicvae::models
