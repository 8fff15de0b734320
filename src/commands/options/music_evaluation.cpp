#include "src/commands/options/music_evaluation.hpp"

#include <memory>
#include <utility>

#include "src/base/error.hpp"
#include "src/base/interrupt.hpp"
#include "src/commands/options/checks.hpp"
#include "src/commands/options/model_input.hpp"
#include "src/evaluation/interpolation_evaluation.hpp"
#include "src/evaluation/listener.hpp"
#include "src/evaluation/piece_evaluation.hpp"
#include "src/evaluation/sample_evaluation.hpp"

namespace musicvae::commands {
namespace {

using Pieces = std::span<const datasets::Passage>;

FigureSection measure_pieces(const MusicVae& model, Pieces pieces, const CommonOptions& common) {
  const auto evaluation = evaluate_pieces(model, pieces, progress_of(common, "pieces"));
  return {"whole_pieces", "whole pieces", {}, {{"", to_json(evaluation)}}};
}

FigureSection measure_interpolations(const MusicEvaluationOptions& options, const MusicVae& model,
                                     Pieces pieces, std::uint64_t seed,
                                     const CommonOptions& common) {
  const auto evaluation =
      evaluate_interpolation(model, pieces, {options.pairs, options.bars, options.steps, seed},
                             progress_of(common, "interpolations"));
  return {"interpolation",
          std::to_string(options.steps) + " steps over " + std::to_string(options.bars) + " bars",
          {{"steps", options.steps}, {"bars", options.bars}},
          {{"same_meters", to_json(evaluation.same_meters)},
           {"other_meters", to_json(evaluation.different_meters)}}};
}

FigureSection measure_samples(const MusicEvaluationOptions& options, const MusicVae& model,
                              Pieces pieces, std::uint64_t seed, const CommonOptions& common) {
  const auto meter = model.commonest_meter();
  auto generation = model.sampling_options();
  generation.seed = seed;
  const auto samples =
      sample_pieces(model, options.samples, make_layout(model.codec(), meter, options.bars),
                    generation, progress_of(common, "samples"));
  const auto evaluation = evaluate_samples(samples, pieces, progress_of(common, "pieces compared"));
  auto of_samples = to_json(evaluation.samples), of_data = to_json(evaluation.data);
  of_samples["told_apart"] = json_of(told_apart(model, samples, pieces));
  of_data["told_apart"] = nullptr;
  return {"samples",
          "samples of " + std::to_string(options.bars) + " bars of " + describe(meter),
          {{"bars", options.bars},
           {"meter", describe(meter)},
           {"temperature", generation.temperature},
           {"latent_temperature", generation.latent_temperature}},
          {{"samples", std::move(of_samples)}, {"data", std::move(of_data)}}};
}

}  // namespace

void add_music_evaluation_options(CLI::App& command, MusicEvaluationOptions& options) {
  auto* const gap = command.get_option("--gap");
  auto* const interpolate =
      command
          .add_option("--interpolate", options.pairs,
                      "Also interpolate so many pairs of the pieces, drawn by the seed")
          ->excludes(gap)
          ->check(between(1, 100'000))
          ->type_name("PAIRS");
  command.add_option("--steps", options.steps, "Steps of an interpolation, endpoints included")
      ->needs(interpolate)
      ->check(between(3, 1000))
      ->capture_default_str();
  command
      .add_option("--samples", options.samples,
                  "Also sample so many pieces, as 'sample' does, and compare them with the data")
      ->excludes(gap)
      ->check(between(1, 100'000))
      ->type_name("COUNT");
  command
      .add_option("--bars", options.bars,
                  "First bars of the pieces that are interpolated, and bars of a sample")
      ->check(between(1, 1024))
      ->capture_default_str();
}

void check_music_evaluation(const CLI::App& command, const MusicEvaluationOptions& options) {
  if (command.count("--bars") > 0 && options.pairs == 0 && options.samples == 0) {
    throw UsageError(
        "--bars is for --interpolate and --samples; give one of them, or leave it out");
  }
}

EvaluationProgress progress_of(const CommonOptions& common, const std::string& what) {
  const auto progress = std::make_shared<Progress>(common.verbosity());
  return [progress, what](double share) {
    progress->update(share, what);
    return !InterruptGuard::requested();
  };
}

std::vector<FigureSection> evaluate_music(const MusicEvaluationOptions& options,
                                          const MusicVae& model, Pieces pieces, std::uint64_t seed,
                                          const CommonOptions& common) {
  // What may be refused comes first, before a user has waited for the rest.
  std::vector<FigureSection> sections;
  if (options.pairs > 0) {
    sections.push_back(measure_interpolations(options, model, pieces, seed, common));
  }
  if (options.samples > 0) {
    sections.push_back(measure_samples(options, model, pieces, seed, common));
  }
  sections.insert(sections.begin(), measure_pieces(model, pieces, common));
  return sections;
}

}  // namespace musicvae::commands
