#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "src/commands/options/model_input.hpp"
#include "src/music/palette/attributes.hpp"

namespace musicvae::commands {

/// Attributes that music is to have more or less of.
struct AttributeInput {
  std::vector<std::string> requests;  ///< As "density=+1".
  std::string file;                   ///< Empty: the one beside the model.
};
/// --attribute and --attributes. `more` is said of the first.
void add_attribute_options(CLI::App& command, AttributeInput& input, const std::string& more = {});

/// The requests of `input`. Throws UsageError on those that are none.
std::vector<AttributeRequest> requests_of(const AttributeInput& input);

/// The attributes of --attributes, or of the file beside the model. Throws Error where there is
/// none, or it is no such file.
AttributeSet attributes_for(const AttributeInput& input, const ModelOptions& options,
                            const MusicVae& model);

/// Gives music more or less of what was asked for, and leaves it as it is where nothing was.
class Steer {
 public:
  /// Throws UsageError on requests that are none, and Error where there is no such attribute.
  Steer(const AttributeInput& input, const ModelOptions& options, const MusicVae& model,
        std::uint64_t seed);

  bool asked() const { return steering_.has_value(); }
  /// In `bars` (ascending indices), or in all where it is empty.
  datasets::Passage operator()(datasets::Passage music, const std::vector<int>& bars = {}) const;

 private:
  std::optional<Steering> steering_;
};

}  // namespace musicvae::commands
