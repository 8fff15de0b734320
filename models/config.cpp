#include "models/config.hpp"

#include "models/registries.hpp"

namespace musicvae::models {
namespace {

std::vector<std::string> or_auto(std::vector<std::string> names) {
  names.insert(names.begin(), kAuto);
  return names;
}

/// Takes out what says no more than a file without it, so that programs which knew no choice read
/// the file, too.
void drop_defaults(const ModelConfig& config, nlohmann::json& json) {
  const ModelConfig plain = resolved({.family = config.family, .posterior = config.posterior});
  const auto drop = [&](const char* key, bool is_default) {
    if (is_default) json.erase(key);
  };
  const auto is_auto = [](const std::string& name, const std::string& own) {
    return name == kAuto || name == own;
  };
  drop("pitch_first", config.pitch_count == 0);
  drop("pitch_count", config.pitch_count == 0);
  drop("rows_per_bar", config.rows_per_bar == 0);
  drop("posterior", config.posterior == ModelConfig{}.posterior);
  drop("prior", is_auto(config.prior, plain.prior));
  drop("objective", is_auto(config.objective, plain.objective));
  drop("flows", config.flows == ModelConfig{}.flows);
  drop("categories", config.categories == ModelConfig{}.categories);
  drop("components", config.components == ModelConfig{}.components);
}

}  // namespace

std::vector<Setting> settings(ModelConfig& config) {
  const Rules layers{.least = 1, .most = 16}, hidden{.least = 1, .most = 8192};
  const Rules pitches{.least = 0, .most = 65536, .absent = 0};
  const ModelConfig plain;
  return {
      {"family", &config.family, "Kind of network", {.choices = family_names()}},
      {"row_kind", &config.row_kind, "", {.choices = {"tokens", "bits"}}},
      {"row_width", &config.row_width, "", {.least = 1, .most = 65536}},
      {"control_width", &config.control_width, "", {.least = 0, .most = 4096}},
      {"bars", &config.bars, "Bars of a passage", {.least = 1, .most = 4096}},
      {"latent", &config.latent, "Dimensions of z", {.least = 1, .most = 8192}},
      {"encoder_kind",
       &config.encoder_kind,
       "Whether it reads all rows at once, or bar by bar",
       {.choices = {"flat", "hierarchical"}, .flag = "--encoder"}},
      {"encoder.layers", &config.encoder.layers, "Layers", layers},
      {"encoder.hidden", &config.encoder.hidden, "Units of a layer in one direction", hidden},
      {"conductor.layers", &config.conductor.layers, "Layers", layers},
      {"conductor.hidden", &config.conductor.hidden, "Units of a layer", hidden},
      {"decoder.layers", &config.decoder.layers, "Layers", layers},
      {"decoder.hidden", &config.decoder.hidden, "Units of a layer", hidden},
      {"carry_row", &config.carry_row, "Whether a bar begins with the last row of the bar before"},
      {"pitch_first", &config.pitch_first, "", pitches},
      {"pitch_count", &config.pitch_count, "", pitches},
      {"rows_per_bar", &config.rows_per_bar, "", {.least = 0, .most = 65536, .absent = 0}},
      {"posterior",
       &config.posterior,
       "Kind of q(z|x)",
       {.choices = posterior_names(), .absent = plain.posterior}},
      {"prior",
       &config.prior,
       "Kind of p(z); auto is what family, posterior and objective ask for",
       {.choices = or_auto(prior_names()), .absent = plain.prior}},
      {"objective",
       &config.objective,
       "What training minimises; auto is elbo, for pca ae",
       {.choices = or_auto(objective_names()), .absent = plain.objective}},
      {"flows",
       &config.flows,
       "Layers of a posterior that is a flow",
       {.least = 1, .most = 64, .absent = plain.flows}},
      {"categories",
       &config.categories,
       "Values of each part of a categorical z",
       {.least = 2, .most = 4096, .absent = plain.categories}},
      {"components",
       &config.components,
       "Gaussians of the prior mixture, pseudo-inputs of the prior vamp",
       {.least = 1, .most = 4096, .absent = plain.components}},
  };
}

nlohmann::json to_json(const ModelConfig& config) {
  ModelConfig copy = config;
  auto json = to_json(settings(copy));
  drop_defaults(config, json);
  return json;
}

ModelConfig config_from_json(const nlohmann::json& json) {
  ModelConfig config;
  read_settings(json, settings(config));
  validate(config);
  return config;
}

void validate(const ModelConfig& config) {
  ModelConfig copy = config;
  validate(settings(copy));
  if (config.pitch_first + config.pitch_count > config.row_width) {
    throw ModelError("pitch_first and pitch_count name tokens beyond row_width, which is " +
                     std::to_string(config.row_width));
  }
  check_combination(resolved(config));
  if (const auto weights = estimated_weights(config); weights > kMaxWeights) {
    throw ModelError("the sizes ask for " + std::to_string(weights) + " weights, more than " +
                     std::to_string(kMaxWeights) + "; make the hidden sizes smaller");
  }
}

}  // namespace musicvae::models
