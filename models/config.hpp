#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "models/settings.hpp"

/// Networks over tensors. They know nothing of MIDI, nor of where rows come from.
namespace musicvae::models {

/// A row is one token, or bits. The first half of the bits say what begins, the second half what
/// sounds on.
enum class RowKind { kTokens, kBits };
NLOHMANN_JSON_SERIALIZE_ENUM(RowKind, {{RowKind::kTokens, "tokens"}, {RowKind::kBits, "bits"}})

/// Size of a stack of LSTM layers.
struct StackSize {
  int layers = 1;
  int hidden = 256;

  bool operator==(const StackSize&) const = default;
};

enum class EncoderKind {
  kFlat,          ///< Bidirectional over all rows of the passage at once.
  kHierarchical,  ///< Bidirectional over each bar's rows, then over the bars.
};
NLOHMANN_JSON_SERIALIZE_ENUM(EncoderKind, {{EncoderKind::kFlat, "flat"},
                                           {EncoderKind::kHierarchical, "hierarchical"}})

/// Everything that fixes a model's parameters and their use.
struct ModelConfig {
  std::string family = "hierarchical";  ///< A name of the family registry.
  RowKind row_kind = RowKind::kTokens;
  int row_width = 90;     ///< Classes of a token, or bits of a row.
  int control_width = 0;  ///< Features of a bar's control vector.
  int bars = 16;          ///< Bars of a passage.
  int latent = 256;       ///< Dimensions of z.
  EncoderKind encoder_kind = EncoderKind::kFlat;
  StackSize encoder{1, 512};    ///< Units are those of one direction.
  StackSize conductor{1, 512};  ///< Not used by `flat`.
  StackSize decoder{2, 512};
  bool carry_row = true;  ///< A bar's first input is the last row of the bar before. If false, it
                          ///< is zeros, and all bars can be generated at once. `flat` ignores it.
  /// The tokens that name pitches: `pitch_count` of them, from `pitch_first` on. 0 unless the
  /// family needs_pitches().
  int pitch_first = 0;
  int pitch_count = 0;
  /// The rows that a bar may have. 0 unless the model needs_slots().
  int rows_per_bar = 0;

  // What z is: see models/registries.hpp. "auto" is what the family has; resolved() names it.
  std::string posterior = "gaussian";  ///< A name of the registry of posteriors.
  std::string prior = "auto";          ///< A name of the registry of priors, or "auto".
  std::string objective = "auto";      ///< A name of the registry of objectives, or "auto".
  int flows = 4;                       ///< Layers of a posterior that is a flow.
  int categories = 8;                  ///< Values of each part of a categorical z.
  int components = 16;                 ///< Gaussians or pseudo-inputs of a prior that is a mixture.

  bool operator==(const ModelConfig&) const = default;
};

/// The table of a model's settings; its rows point into `config`.
std::vector<Setting> settings(ModelConfig& config);

nlohmann::json to_json(const ModelConfig& config);
/// The inverse of to_json(). Throws ModelError where read_settings() or validate() does.
ModelConfig config_from_json(const nlohmann::json& json);

/// Throws ModelError where a setting is out of range, where family, posterior, prior and objective
/// make no sense together, or the sizes together ask for more than kMaxWeights, so that a hostile
/// file cannot ask for absurd amounts of memory.
void validate(const ModelConfig& config);

/// 2 GiB in float; the largest model of the MusicVAE paper has about 0.25 G weights.
inline constexpr std::int64_t kMaxWeights = std::int64_t{1} << 29;

/// The most rows of a bar in families that need slots: 8 quarters of the finest grid.
inline constexpr int kMaxSlots = 768;

/// `config` with prior and objective named where they are "auto". Throws ModelError on an unknown
/// family or posterior.
ModelConfig resolved(ModelConfig config);

/// The families that models/families/registry.cpp lists.
std::vector<std::string> family_names();
/// Whether models of the family tell pitches from rhythm, and so must know which tokens name
/// pitches. Throws ModelError on an unknown family.
bool needs_pitches(const std::string& family);
/// Whether every row of a bar has weights of its own, so that the model must know how many rows a
/// bar may have. Throws ModelError on an unknown family or prior.
bool needs_slots(const ModelConfig& config);
/// An estimate of the weights, without biases, of a model with this config. It is never too small.
/// Throws ModelError on an unknown family.
std::int64_t estimated_weights(const ModelConfig& config);

}  // namespace musicvae::models
