#pragma once

#include <cstdint>
#include <string>

#include <nlohmann/json.hpp>

#include "models/error.hpp"

/// Networks over tensors: no notion of MIDI or of where rows come from.
namespace musicvae::models {

enum class RowKind { kTokens, kBits };

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

/// Everything that fixes a model's parameters and their use.
struct ModelConfig {
  std::string family = "hierarchical";  ///< A name of the family registry.
  RowKind row_kind = RowKind::kTokens;
  int row_width = 90;     ///< Classes of a token, or bits of a row.
  int control_width = 0;  ///< Features of a bar's control vector.
  int bars = 16;          ///< Bars of a passage.
  int latent = 256;       ///< Dimensions of z.
  EncoderKind encoder_kind = EncoderKind::kFlat;
  StackSize encoder{1, 512};    ///< A direction.
  StackSize conductor{1, 512};  ///< Unused by `flat`.
  StackSize decoder{2, 512};
  bool carry_row = true;  ///< A bar's first input is the last row of the bar before; else zeros,
                          ///< and all bars can be generated at once. Unused by `flat`.
  /// Tokens that name pitches: `pitch_count` from `pitch_first` on. Only of families
  /// where knows_pitches().
  int pitch_first = 0;
  int pitch_count = 0;

  bool operator==(const ModelConfig&) const = default;
};

/// Whether models of the family tell pitches from rhythm, and so must know which tokens name them.
bool knows_pitches(const std::string& family);

nlohmann::json to_json(const ModelConfig& config);
/// The inverse. Every key must be there: a file that leaves one out would change its meaning with
/// our defaults. Throws ModelError on missing or unknown keys, wrong types, and what validate()
/// refuses.
ModelConfig config_from_json(const nlohmann::json& json);

/// Throws ModelError where a size is out of range, or all together ask for more than kMaxWeights,
/// so that a hostile file cannot ask for absurd amounts of memory.
void validate(const ModelConfig& config);

/// 2 GiB in float; the largest model of the MusicVAE paper has about 0.25 G weights.
inline constexpr std::int64_t kMaxWeights = std::int64_t{1} << 29;
/// Weights without biases, whatever the family: at least as many as a model of this config has.
std::int64_t estimated_weights(const ModelConfig& config);

}  // namespace musicvae::models
