#include "models/config.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <set>
#include <utility>

namespace musicvae::models {
namespace {

constexpr std::array kRowKindNames{std::pair{RowKind::kTokens, "tokens"},
                                   std::pair{RowKind::kBits, "bits"}};
constexpr std::array kEncoderKindNames{std::pair{EncoderKind::kFlat, "flat"},
                                       std::pair{EncoderKind::kHierarchical, "hierarchical"}};

[[noreturn]] void fail(const std::string& what) { throw ModelError("model config: " + what); }

template <typename Names, typename Kind>
std::string kind_name(const Names& names, Kind kind) {
  for (const auto& [value, name] : names) {
    if (value == kind) return name;
  }
  fail("a kind without a name");
}

/// The fields of one JSON object. finish() refuses what was not asked for.
class Fields {
 public:
  Fields(const nlohmann::json& json, std::string where) : json_(json), where_(std::move(where)) {
    if (!json.is_object()) fail(where_ + "expected an object, found " + json.type_name());
  }

  int integer(const char* key) {
    const auto& value = at(key);
    if (!value.is_number_integer()) wrong_type(key, "a whole number");
    using Limits = std::numeric_limits<int>;
    const bool fits = value.is_number_unsigned()
                          ? value.get<std::uint64_t>() <= std::uint64_t{Limits::max()}
                          : value.get<std::int64_t>() >= Limits::min() &&
                                value.get<std::int64_t>() <= Limits::max();
    if (!fits) fail(where_ + key + ": " + value.dump() + " is out of range");
    return value.get<int>();
  }

  bool boolean(const char* key) {
    if (!at(key).is_boolean()) wrong_type(key, "true or false");
    return json_.at(key).get<bool>();
  }

  std::string text(const char* key) {
    if (!at(key).is_string()) wrong_type(key, "a string");
    return json_.at(key).get<std::string>();
  }

  template <typename Names>
  auto kind(const char* key, const Names& names) {
    const auto wanted = text(key);
    std::string known;
    for (const auto& [value, name] : names) {
      if (wanted == name) return value;
      known += known.empty() ? name : std::string(" or ") + name;
    }
    fail(where_ + key + ": expected " + known);
  }

  StackSize stack(const char* key) {
    Fields fields(at(key), where_ + key + ".");
    const StackSize size{fields.integer("layers"), fields.integer("hidden")};
    fields.finish();
    return size;
  }

  void finish() const {
    for (const auto& [key, value] : json_.items()) {
      if (!known_.contains(key)) fail("unknown key " + where_ + key.substr(0, 60));
    }
  }

 private:
  const nlohmann::json& at(const char* key) {
    known_.insert(key);
    if (!json_.contains(key)) fail(std::string("missing key ") + where_ + key);
    return json_.at(key);
  }

  [[noreturn]] void wrong_type(const char* key, const char* expected) const {
    fail(where_ + key + ": expected " + expected + ", found " + json_.at(key).type_name());
  }

  const nlohmann::json& json_;
  std::string where_;
  std::set<std::string> known_;
};

nlohmann::json to_json(const StackSize& size) {
  return {{"layers", size.layers}, {"hidden", size.hidden}};
}

void check_range(const char* name, int value, int low, int high) {
  if (value >= low && value <= high) return;
  fail(std::string(name) + " is " + std::to_string(value) + ", must be " + std::to_string(low) +
       " to " + std::to_string(high));
}

void check_stack(const std::string& name, const StackSize& size) {
  check_range((name + ".layers").c_str(), size.layers, 1, 16);
  check_range((name + ".hidden").c_str(), size.hidden, 1, 8192);
}

std::int64_t stack_weights(std::int64_t inputs, const StackSize& size, int directions) {
  const std::int64_t hidden = size.hidden;
  const auto upper = (size.layers - 1) * hidden * (directions + 1);
  return 4 * directions * hidden * (inputs + hidden + upper);
}

std::int64_t state_weights(std::int64_t inputs, const StackSize& size) {
  return 2 * inputs * size.layers * size.hidden;
}

/// Of rows and, bar by bar, of bars.
std::int64_t encoder_weights(const ModelConfig& config, EncoderKind kind) {
  const auto inputs = std::int64_t{config.row_width} + config.control_width;
  const auto rows = stack_weights(inputs, config.encoder, 2);
  if (kind == EncoderKind::kFlat) return rows;
  const auto bar_inputs = std::int64_t{2} * config.encoder.hidden + config.control_width;
  return rows + stack_weights(bar_inputs, config.encoder, 2);
}

std::int64_t vae_weights(const ModelConfig& config) {
  const std::int64_t source = std::max(config.conductor.hidden, config.latent);
  const auto bar_inputs = config.row_width + source + config.control_width;
  return encoder_weights(config, config.encoder_kind) +
         state_weights(config.latent, config.conductor) +
         stack_weights(config.control_width, config.conductor, 1) +
         state_weights(source, config.decoder) + stack_weights(bar_inputs, config.decoder, 1);
}

/// Encoders bar by bar, conductors that look both ways, four attention heads of width 32 whose rows
/// the decoder reads.
std::int64_t inpainter_weights(const ModelConfig& config) {
  constexpr std::int64_t kHeads = 4, kHeadWidth = 32;
  const std::int64_t bar = std::int64_t{2} * config.encoder.hidden;
  const std::int64_t conducted = std::int64_t{2} * config.conductor.hidden;
  const auto decoder_inputs = (1 + kHeads) * config.row_width + conducted + config.control_width;
  return encoder_weights(config, EncoderKind::kHierarchical) +
         stack_weights(bar + config.control_width + config.latent, config.conductor, 2) +
         kHeads * (kHeadWidth * (bar + conducted) + std::int64_t{2} * config.bars + 24) +
         state_weights(conducted, config.decoder) +
         stack_weights(decoder_inputs, config.decoder, 1);
}

/// The stacks that find latents of `width` dimensions.
std::int64_t latent_inpainter_weights(const ModelConfig& config, std::int64_t width) {
  const auto inputs = width + 1 + config.control_width;
  const StackSize twice{config.conductor.layers, 2 * config.conductor.hidden};
  return 2 * stack_weights(inputs, config.conductor, 2) + stack_weights(inputs, twice, 2) +
         4 * width * config.conductor.hidden;
}

/// Attention of four heads of width 32 and two dense layers, four times.
std::int64_t connector_weights(const ModelConfig& config, std::int64_t latent) {
  constexpr std::int64_t kLayers = 4, kHeads = 4, kWidth = 32 * kHeads;
  return kLayers * (8 * kWidth * kWidth + kHeads * 2 * config.bars) +
         kWidth * (2 * latent + 2 + config.control_width);
}

/// Of single bars with latents of so many parts, and what finds missing ones; the decoder has an
/// LSTM over spans of six rows below that over rows.
std::int64_t bar_vae_weights(const ModelConfig& config, int parts) {
  const std::int64_t width = config.latent / config.bars;
  const auto span_inputs = width + config.control_width;
  const auto row_inputs = config.row_width + span_inputs + config.decoder.hidden + 6;
  return parts * (encoder_weights(config, EncoderKind::kFlat) +
                  latent_inpainter_weights(config, width / parts)) +
         (parts > 1 ? connector_weights(config, width) : 0) +
         2 * state_weights(width, config.decoder) + stack_weights(span_inputs, config.decoder, 1) +
         stack_weights(row_inputs, config.decoder, 1);
}

/// Without the posterior's heads and the output layer.
std::int64_t family_weights(const ModelConfig& config) {
  if (config.family == "masked") return inpainter_weights(config);
  if (config.family == "inpaintnet") return bar_vae_weights(config, 1);
  if (config.family == "sketchnet") return bar_vae_weights(config, 2);
  return vae_weights(config);
}

}  // namespace

bool knows_pitches(const std::string& family) { return family == "sketchnet"; }

nlohmann::json to_json(const ModelConfig& config) {
  nlohmann::json json{{"family", config.family},
                      {"row_kind", kind_name(kRowKindNames, config.row_kind)},
                      {"row_width", config.row_width},
                      {"control_width", config.control_width},
                      {"bars", config.bars},
                      {"latent", config.latent},
                      {"encoder_kind", kind_name(kEncoderKindNames, config.encoder_kind)},
                      {"encoder", to_json(config.encoder)},
                      {"conductor", to_json(config.conductor)},
                      {"decoder", to_json(config.decoder)},
                      {"carry_row", config.carry_row}};
  if (knows_pitches(config.family)) {
    json["pitch_first"] = config.pitch_first;
    json["pitch_count"] = config.pitch_count;
  }
  return json;
}

ModelConfig config_from_json(const nlohmann::json& json) {
  Fields fields(json, "");
  ModelConfig config;
  config.family = fields.text("family");
  config.row_kind = fields.kind("row_kind", kRowKindNames);
  config.row_width = fields.integer("row_width");
  config.control_width = fields.integer("control_width");
  config.bars = fields.integer("bars");
  config.latent = fields.integer("latent");
  config.encoder_kind = fields.kind("encoder_kind", kEncoderKindNames);
  config.encoder = fields.stack("encoder");
  config.conductor = fields.stack("conductor");
  config.decoder = fields.stack("decoder");
  config.carry_row = fields.boolean("carry_row");
  if (knows_pitches(config.family)) {
    config.pitch_first = fields.integer("pitch_first");
    config.pitch_count = fields.integer("pitch_count");
  }
  fields.finish();
  validate(config);
  return config;
}

void validate(const ModelConfig& config) {
  check_range("row_width", config.row_width, 1, 65536);
  check_range("control_width", config.control_width, 0, 4096);
  check_range("bars", config.bars, 1, 4096);
  check_range("latent", config.latent, 1, 8192);
  check_range("pitch_first", config.pitch_first, 0, config.row_width);
  check_range("pitch_count", config.pitch_count, 0, config.row_width - config.pitch_first);
  check_stack("encoder", config.encoder);
  check_stack("conductor", config.conductor);
  check_stack("decoder", config.decoder);
  if (const auto weights = estimated_weights(config); weights > kMaxWeights) {
    fail("its sizes ask for " + std::to_string(weights) + " weights, more than " +
         std::to_string(kMaxWeights) + "; make the hidden sizes smaller");
  }
}

std::int64_t estimated_weights(const ModelConfig& config) {
  return std::int64_t{4} * config.latent * config.encoder.hidden +
         std::int64_t{config.row_width} * config.decoder.hidden + family_weights(config);
}

}  // namespace musicvae::models
