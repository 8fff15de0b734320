#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "models/families/conductor.hpp"
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
  /// An estimate without the posterior's heads and the output layer, which every family has.
  std::int64_t (*weights)(const ModelConfig& config);
  bool needs_pitches = false;  ///< Whether it must know which tokens name pitches.
};

// One line a family.
constexpr std::array kFamilies{
    Family{"conductor", make_conductor, conductor_weights},
    Family{"flat", make_flat, flat_weights},
    Family{"hierarchical", make_hierarchical, hierarchical_weights},
    Family{"inpaintnet", make_inpaintnet, inpaintnet_weights},
    Family{"masked", make_masked, masked_weights},
    Family{"sketchnet", make_sketchnet, sketchnet_weights, /*needs_pitches=*/true},
};

const Family& family_of(const std::string& name) {
  const auto found = std::find_if(kFamilies.begin(), kFamilies.end(),
                                  [&](const Family& family) { return family.name == name; });
  if (found == kFamilies.end()) throw ModelError("no family is called '" + name + "'");
  return *found;
}

}  // namespace

std::vector<std::string> family_names() {
  std::vector<std::string> names;
  for (const auto& family : kFamilies) names.emplace_back(family.name);
  return names;
}

bool needs_pitches(const std::string& family) { return family_of(family).needs_pitches; }

std::int64_t estimated_weights(const ModelConfig& config) {
  return std::int64_t{4} * config.latent * config.encoder.hidden +
         std::int64_t{config.row_width} * config.decoder.hidden +
         family_of(config.family).weights(config);
}

std::map<std::string, torch::Tensor> weights_in_common(
    const ModelConfig& from, const std::map<std::string, torch::Tensor>& weights,
    const ModelConfig& to) {
  if (from == to) return weights;
  if (!have_equal_bars(from, to)) return {};
  auto bars = weights;
  std::erase_if(bars, [](const auto& item) { return item.first.starts_with("prior."); });
  return bars;
}

std::shared_ptr<Model> make_model(const ModelConfig& config, torch::Generator generator) {
  validate(config);
  return family_of(config.family).make(config, std::move(generator));
}

}  // namespace musicvae::models
