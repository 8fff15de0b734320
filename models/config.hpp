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

  bool operator==(const ModelConfig&) const = default;
};

/// The table of a model's settings; its rows point into `config`.
std::vector<Setting> settings(ModelConfig& config);

nlohmann::json to_json(const ModelConfig& config);
/// The inverse of to_json(). Throws ModelError where read_settings() or validate() does.
ModelConfig config_from_json(const nlohmann::json& json);

/// Throws ModelError where a setting is out of range, or the sizes together ask for more than
/// kMaxWeights, so that a hostile file cannot ask for absurd amounts of memory.
void validate(const ModelConfig& config);

/// 2 GiB in float; the largest model of the MusicVAE paper has about 0.25 G weights.
inline constexpr std::int64_t kMaxWeights = std::int64_t{1} << 29;

/// The families that models/families/registry.cpp lists.
std::vector<std::string> family_names();
/// Whether models of the family tell pitches from rhythm, and so must know which tokens name
/// pitches. Throws ModelError on an unknown family.
bool needs_pitches(const std::string& family);
/// An estimate of the weights, without biases, of a model with this config. It is never too small.
/// Throws ModelError on an unknown family.
std::int64_t estimated_weights(const ModelConfig& config);

}  // namespace musicvae::models
