#pragma once

#include <string>

#include "src/commands/options/common.hpp"
#include "src/music/generation.hpp"

/// What the commands share that take a model.
namespace musicvae::commands {

struct ModelOptions {
  std::string model = kDefaultModel;
  std::string device = "auto";
};
void add_model_options(CLI::App& command, ModelOptions& options);
/// Sets the thread count, then loads.
MusicModel load_model(const ModelOptions& options, const CommonOptions& common);

/// --seed and --temperature.
void add_generation_options(CLI::App& command, GenerationOptions& options);

/// cpu, cuda, or auto: cuda where there is one. Throws Error where it is asked for and absent.
torch::Device pick_device(const std::string& name);
/// For all that trains or evaluates; 0 is one a core that the program may use.
void use_threads(int threads);

}  // namespace musicvae::commands
