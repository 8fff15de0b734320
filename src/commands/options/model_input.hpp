#pragma once

#include <string>

#include "src/commands/options/common.hpp"
#include "src/music/musicvae.hpp"

/// Options that commands which take a model have in common.
namespace musicvae::commands {

struct ModelOptions {
  std::string model = kDefaultModel;
  std::string device = "auto";
};
void add_model_options(CLI::App& command, ModelOptions& options);
/// Sets the thread count, then loads.
MusicVae load_model(const ModelOptions& options, const CommonOptions& common);

/// --seed and --temperature.
void add_generation_options(CLI::App& command, GenerationOptions& options);

}  // namespace musicvae::commands
