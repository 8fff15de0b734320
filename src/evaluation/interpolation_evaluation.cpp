#include "src/evaluation/interpolation_evaluation.hpp"

#include <algorithm>
#include <optional>
#include <set>

#include "datasets/metrics/bar_figures.hpp"
#include "datasets/metrics/note_metrics.hpp"
#include "datasets/metrics/pitch_classes.hpp"
#include "datasets/metrics/rank_correlation.hpp"
#include "src/base/error.hpp"
#include "src/base/random.hpp"

namespace musicvae {
namespace {

using datasets::Passage;
using Steps = std::vector<InterpolationStep>;

Passage first_bars(const Passage& music, std::size_t bars) {
  return datasets::slice(music, 0, static_cast<int>(std::min(bars, music.bars.size())));
}

bool have_same_meters(const Passage& a, const Passage& b) {
  return std::equal(a.bars.begin(), a.bars.end(), b.bars.begin(), b.bars.end(),
                    [](const auto& one, const auto& other) { return one.meter == other.meter; });
}

double note_f1(const Passage& truth, const Passage& music) {
  return datasets::onset_pitch_score(datasets::count_matches(truth, music)).f1;
}

double step_order(const Passage& a, const Steps& steps) {
  std::vector<double> numbers, distances;
  for (const auto& step : steps) {
    numbers.push_back(step.t);
    distances.push_back(1 - note_f1(a, step.music));
  }
  return datasets::rank_correlation(numbers, distances).value_or(0);
}

std::optional<double> share_of_middle_steps(const Steps& steps) {
  Mean mean;
  for (std::size_t i = 1; i + 1 < steps.size(); ++i) {
    mean.add(datasets::best_scale_share(steps[i].music));
  }
  return mean.value();
}

std::optional<double> share_of_ends(const Passage& a, const Passage& b) {
  Mean mean;
  mean.add(datasets::best_scale_share(a));
  mean.add(datasets::best_scale_share(b));
  return mean.value();
}

std::optional<double> least_density(const Passage& a, const Passage& b, const Steps& steps) {
  const double of_a = datasets::notes_per_bar(a).value_or(0);
  const double of_b = datasets::notes_per_bar(b).value_or(0);
  std::optional<double> thinnest;
  for (const auto& step : steps) {
    const double expected = (1 - step.t) * of_a + step.t * of_b;
    if (expected == 0) continue;
    const double share = datasets::notes_per_bar(step.music).value_or(0) / expected;
    thinnest = std::min(thinnest.value_or(share), share);
  }
  return thinnest;
}

/// The first bars of the pieces, less those that are silent there.
std::vector<Passage> sounding_starts(std::span<const Passage> pieces, int bars) {
  std::vector<Passage> starts;
  for (const Passage& piece : pieces) {
    Passage start = first_bars(piece, static_cast<std::size_t>(bars));
    if (note_count(start) > 0) starts.push_back(std::move(start));
  }
  return starts;
}

}  // namespace

nlohmann::ordered_json to_json(const InterpolationScores& scores) {
  return {{"pairs", scores.pairs},
          {"first_step_f1", json_of(scores.first_step_f1.value())},
          {"last_step_f1", json_of(scores.last_step_f1.value())},
          {"rank_correlation", json_of(scores.rank_correlation.value())},
          {"middle_scale_share", json_of(scores.middle_scale_share.value())},
          {"end_scale_share", json_of(scores.end_scale_share.value())},
          {"thinnest_step", json_of(scores.thinnest_step.value())}};
}

void InterpolationScores::add(const Passage& a, const Passage& b, const Steps& way) {
  ++pairs;
  first_step_f1.add(note_f1(a, way.front().music));
  last_step_f1.add(note_f1(b, way.back().music));
  rank_correlation.add(step_order(a, way));
  middle_scale_share.add(share_of_middle_steps(way));
  end_scale_share.add(share_of_ends(a, b));
  thinnest_step.add(least_density(a, b, way));
}

std::vector<std::pair<std::size_t, std::size_t>> draw_pairs(std::size_t pieces, std::size_t count,
                                                            std::uint64_t seed) {
  const std::size_t all = pieces < 2 ? 0 : pieces * (pieces - 1) / 2;
  SplitMix64 random(seed);
  const auto draw = [&] { return std::size_t(random.below(static_cast<int>(pieces))); };
  std::vector<std::pair<std::size_t, std::size_t>> pairs;
  std::set<std::pair<std::size_t, std::size_t>> drawn;
  while (pairs.size() < std::min(count, all)) {
    const std::size_t a = draw(), b = draw();
    if (a != b && drawn.insert(std::minmax(a, b)).second) pairs.emplace_back(a, b);
  }
  return pairs;
}

InterpolationEvaluation evaluate_interpolation(const MusicVae& model,
                                               std::span<const Passage> pieces,
                                               const InterpolationEvaluationOptions& options,
                                               const EvaluationProgress& progress) {
  const auto starts = sounding_starts(pieces, options.bars);
  if (starts.size() < 2) {
    throw Error("an interpolation takes two pieces with notes in their first " +
                std::to_string(options.bars) + " bars; give more pieces");
  }
  const auto pairs =
      draw_pairs(starts.size(), static_cast<std::size_t>(options.pairs), options.seed);
  InterpolationEvaluation evaluation;
  for (std::size_t pair = 0; pair < pairs.size(); ++pair) {
    const auto& [first, second] = pairs[pair];
    const std::size_t bars = std::min(starts[first].bars.size(), starts[second].bars.size());
    const Passage a = first_bars(starts[first], bars), b = first_bars(starts[second], bars);
    const auto steps = model.interpolate(a, b, {options.steps, LengthRule::kCut, {0.0}});
    const bool same = have_same_meters(a, b);
    (same ? evaluation.same_meters : evaluation.different_meters).add(a, b, steps);
    report_progress(progress, pair + 1, pairs.size());
  }
  return evaluation;
}

}  // namespace musicvae
