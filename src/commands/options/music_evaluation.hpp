#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "src/commands/options/common.hpp"
#include "src/commands/options/figure_section.hpp"
#include "src/evaluation/progress.hpp"
#include "src/music/musicvae.hpp"

/// What `evaluate` measures of a model's music, besides its rows.
namespace musicvae::commands {

struct MusicEvaluationOptions {
  int pairs = 0;    ///< To interpolate between.
  int samples = 0;  ///< To draw.
  int bars = 16;    ///< Of the pieces that are interpolated, and of the samples.
  int steps = 7;    ///< Of an interpolation.
};
/// --interpolate, --samples and their settings; none goes with --gap, which `command` has already.
void add_music_evaluation_options(CLI::App& command, MusicEvaluationOptions& options);
/// Throws UsageError on a setting of something that was not asked for.
void check_music_evaluation(const CLI::App& command, const MusicEvaluationOptions& options);

/// Progress of one part of the work, which Ctrl-C stops while an InterruptGuard lives.
EvaluationProgress progress_of(const CommonOptions& common, const std::string& what);

/// Measures whole pieces, and the interpolations and samples that were asked for.
std::vector<FigureSection> evaluate_music(const MusicEvaluationOptions& options,
                                          const MusicVae& model,
                                          std::span<const datasets::Passage> pieces,
                                          std::uint64_t seed, const CommonOptions& common);

}  // namespace musicvae::commands
