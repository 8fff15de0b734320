#include "models/config.hpp"

namespace musicvae::models {

std::vector<Setting> settings(ModelConfig& config) {
  const Rules layers{.least = 1, .most = 16}, hidden{.least = 1, .most = 8192};
  const Rules pitches{.least = 0, .most = 65536, .absent = 0};
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
  };
}

nlohmann::json to_json(const ModelConfig& config) {
  ModelConfig copy = config;
  auto json = to_json(settings(copy));
  if (config.pitch_count == 0) {  // Only families that use pitches write them.
    json.erase("pitch_first");
    json.erase("pitch_count");
  }
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
  if (const auto weights = estimated_weights(config); weights > kMaxWeights) {
    throw ModelError("the sizes ask for " + std::to_string(weights) + " weights, more than " +
                     std::to_string(kMaxWeights) + "; make the hidden sizes smaller");
  }
}

}  // namespace musicvae::models
