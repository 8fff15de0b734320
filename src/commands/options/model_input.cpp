#include "src/commands/options/model_input.hpp"

#include <random>

#include "models/kernels/threads.hpp"
#include "src/commands/options/checks.hpp"

namespace musicvae::commands {
void add_model_options(CLI::App& command, ModelOptions& options) {
  auto* const model =
      command.add_option("-m,--model", options.model, "Model file, or name of a model at hand");
  if (!options.model.empty()) model->capture_default_str();
  command.add_option("--device", options.device, "Where the network runs")
      ->check(one_of({"auto", "cpu", "cuda"}))
      ->capture_default_str();
}

void add_seed_option(CLI::App& command, std::optional<std::uint64_t>& seed) {
  command.add_option("--seed", seed,
                     "Same seed, same music; a new one, which is shown, unless given");
}

std::uint64_t seed_or_new(const std::optional<std::uint64_t>& seed, const CommonOptions& common) {
  if (seed) return *seed;
  const std::uint64_t drawn = std::random_device()();
  const std::string text = std::to_string(drawn);
  log(common, "seed " + text + " is new; --seed " + text + " makes the same music again");
  return drawn;
}

GenerationOptions generation_of(const GenerationRequest& options, const CommonOptions& common,
                                double usual_temperature) {
  GenerationOptions generation;
  generation.temperature = options.temperature.value_or(usual_temperature);
  const bool chance = generation.temperature > 0;
  generation.seed = chance ? seed_or_new(options.seed, common) : options.seed.value_or(1);
  return generation;
}

void add_generation_options(CLI::App& command, GenerationRequest& options,
                            const std::string& usual) {
  add_seed_option(command, options.seed);
  command
      .add_option("--temperature", options.temperature,
                  "Above 1 bolder, below 1 safer, 0 the likeliest row each time")
      ->check(between(0.0, 10.0))
      ->default_str(usual);
}

void add_sampling_options(CLI::App& command, SamplingRequest& options) {
  add_seed_option(command, options.seed);
  command
      .add_option(
          "--latent-temperature", options.latent_temperature,
          "How new bars are drawn: below 1 plainer, above 1 bolder; 0.75 unless given, and 1 "
          "where passages have one latent")
      ->check(between(0.0, 10.0));
  command
      .add_option("--temperature", options.temperature,
                  "How much rows are left to chance: 0 unless given, and 0.9 where passages have "
                  "one latent")
      ->check(between(0.0, 10.0));
}

GenerationOptions generation_of(const SamplingRequest& options, const MusicVae& model) {
  auto generation = model.sampling_options();
  if (options.seed) generation.seed = *options.seed;
  if (options.temperature) generation.temperature = *options.temperature;
  if (options.latent_temperature) generation.latent_temperature = *options.latent_temperature;
  return generation;
}

MusicVae load_model(const ModelOptions& options, const CommonOptions& common) {
  set_generation_threads(common.threads);
  MusicVae model(options.model, options.device);
  if (common.verbose) {
    log(common, "model " + options.model + ": " + model.family() + ", codec " +
                    std::string(model.codec().name()) + ", " + std::to_string(model.bars()) +
                    " bars; on " + model.device() + " with " +
                    std::to_string(models::thread_count()) + " threads");
  }
  return model;
}

}  // namespace musicvae::commands
