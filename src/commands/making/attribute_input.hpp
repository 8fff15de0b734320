#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "src/commands/options/model_input.hpp"

namespace musicvae::commands {

/// Attributes that music is to have more or less of.
struct AttributeInput {
  std::vector<std::string> requests;  ///< As "density=+1".
  std::string file;                   ///< Empty: the one beside the model.
};
/// --attribute and --attributes.
void add_attribute_options(CLI::App& command, AttributeInput& input);

/// Gives music with more or less of what was asked for.
using Steer = std::function<datasets::Passage(datasets::Passage)>;
/// Leaves music as it is where nothing was asked for. Throws UsageError on requests that are none,
/// and Error where there is no such attribute.
Steer steer_for(const AttributeInput& input, const ModelOptions& options, const MusicVae& model,
                std::uint64_t seed);

}  // namespace musicvae::commands
