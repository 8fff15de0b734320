#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "src/evaluation/mean.hpp"
#include "src/evaluation/progress.hpp"
#include "src/music/musicvae.hpp"

/// Whether the way from one piece to another reaches both, step by step, and is music all along.
namespace musicvae {

struct InterpolationEvaluationOptions {
  int pairs = 20;
  int bars = 16;  ///< The first bars of each piece; fewer where one of the two is shorter.
  int steps = 7;  ///< Both ends included; at least 3.
  std::uint64_t seed = 1;
};

/// Means over pairs. A and B are the true notes of both pieces, not their reconstructions.
struct InterpolationScores {
  std::size_t pairs = 0;
  Mean first_step_f1;  ///< Note F1 (onset and pitch) of the first step and A.
  Mean last_step_f1;   ///< Of the last step and B.
  /// Spearman's correlation of a step's number with its distance to A, which is 1 less the note F1;
  /// ties share the mean of their ranks. 1 where each step leads further away, 0 where all steps
  /// are as far.
  Mean rank_correlation;
  Mean middle_scale_share;  ///< best_scale_share() of the steps between the first and the last.
  Mean end_scale_share;     ///< The mean of A's and B's.
  /// The least notes a bar of any step, as a share of what a straight line from A's notes a bar to
  /// B's would have at that step.
  Mean thinnest_step;

  /// Takes the way from `a` to `b`, which have equally many bars.
  void add(const datasets::Passage& a, const datasets::Passage& b,
           const std::vector<InterpolationStep>& way);
};

struct InterpolationEvaluation {
  InterpolationScores same_meters;
  /// Pairs in which a bar of A and the bar of B at its place differ in meter. A step lies in the
  /// bars of the nearer end, so only the ends of such a pair can have all notes of A and of B.
  InterpolationScores different_meters;
};

/// The figures in the order in which they are read.
nlohmann::ordered_json to_json(const InterpolationScores& scores);

/// `count` different pairs out of `pieces` pieces, no piece with itself; all pairs in one of both
/// orders where there are no more than `count`.
std::vector<std::pair<std::size_t, std::size_t>> draw_pairs(std::size_t pieces, std::size_t count,
                                                            std::uint64_t seed);

/// Interpolates at temperature 0 between pairs of those pieces that have a note in their first
/// bars. Throws Error where there are fewer than two.
InterpolationEvaluation evaluate_interpolation(const MusicVae& model,
                                               std::span<const datasets::Passage> pieces,
                                               const InterpolationEvaluationOptions& options,
                                               const EvaluationProgress& progress = {});

}  // namespace musicvae
