#pragma once

#include <cstdint>
#include <optional>
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

/// Tells how notes come to parts, for commands whose music has those of a file.
inline constexpr const char* kPartsHelp =
    "A note goes to the part of the piece that has it there, or else to the part that plays "
    "nearest to it in pitch and time, and is as loud as that part is there";

/// --seed. Not given, it is a new one where chance has a part in the music.
void add_seed_option(CLI::App& command, std::optional<std::uint64_t>& seed);
/// The seed that was given, or a new one, which is said on standard error.
std::uint64_t seed_or_new(const std::optional<std::uint64_t>& seed, const CommonOptions& common);

/// How music is to be made, as far as a user says.
struct GenerationRequest {
  std::optional<double> temperature;
  std::optional<std::uint64_t> seed;
};
/// --seed and --temperature; `usual` says what the latter is unless given.
void add_generation_options(CLI::App& command, GenerationRequest& options,
                            const std::string& usual);
GenerationOptions generation_of(const GenerationRequest& options, const CommonOptions& common,
                                double usual_temperature);

/// How new music is to be made, as far as a user says.
struct SamplingRequest {
  std::optional<std::uint64_t> seed;
  std::optional<double> temperature;
  std::optional<double> latent_temperature;
};
/// --seed, --temperature and --latent-temperature.
void add_sampling_options(CLI::App& command, SamplingRequest& options);
/// What was not said is as the model likes it best; a new seed is drawn by seed_or_new() before.
GenerationOptions generation_of(const SamplingRequest& options, const MusicVae& model);

}  // namespace musicvae::commands
