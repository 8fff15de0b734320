#include <algorithm>
#include <array>
#include <cstdio>

#include "src/music/musicvae.hpp"
#include "src/music/score_joining.hpp"

namespace musicvae {
namespace {

using datasets::Passage;
using midi::Ticks;

/// A tempo between two, in quarters a minute.
midi::Tempo between(const midi::Tempo& a, const midi::Tempo& b, double t) {
  const auto rate = [](const midi::Tempo& tempo) {
    return 1.0 / std::max(tempo.microseconds_per_quarter, 1U);
  };
  const double microseconds = 1.0 / ((1 - t) * rate(a) + t * rate(b));
  return tempo_at(std::max(a.time, b.time), microseconds);
}

/// Both lists begin at once.
std::vector<midi::Tempo> mix(const std::vector<midi::Tempo>& a, const std::vector<midi::Tempo>& b,
                             double t) {
  std::vector<midi::Tempo> mixed;
  for (std::size_t i = 0, j = 0; i < a.size() && j < b.size();) {
    const midi::Tempo tempo = between(a[i], b[j], t);
    const bool is_new =
        mixed.empty() || mixed.back().microseconds_per_quarter != tempo.microseconds_per_quarter;
    if (is_new) mixed.push_back(tempo);
    const bool last_a = i + 1 == a.size(), last_b = j + 1 == b.size();
    const bool a_next = last_b || (!last_a && a[i + 1].time <= b[j + 1].time);
    const bool b_next = last_a || (!last_b && b[j + 1].time <= a[i + 1].time);
    i += a_next;
    j += b_next;
  }
  return mixed;
}

const Source& nearer(const InterpolationStep& step, const Source& a, const Source& b) {
  return step.t < 0.5 ? a : b;
}

int resolution_of(const Source& a, const Source& b) {
  const std::array both = {&a, &b};
  return common_resolution(both);
}

std::string marker_text(std::size_t step, std::size_t steps, double t) {
  char text[64];
  std::snprintf(text, sizeof text, "step %zu of %zu, t = %.2f", step + 1, steps, t);
  return text;
}

/// A step in the given resolution.
midi::Score score_in(int ticks, const InterpolationStep& step, const Source& a, const Source& b) {
  const Source& near = nearer(step, a, b);
  const BarTicks to = bar_ticks(step.music, ticks);
  datasets::ScoreStyle style = near.style;
  style.ticks_per_quarter = ticks;
  style.tempos = mix(tempos_over(a, to), tempos_over(b, to), step.t);
  style.keys = keys_over(near, to);
  return datasets::to_score(datasets::cast_parts(step.music, near.piece), style);
}

}  // namespace

midi::Score score_of_step(const InterpolationStep& step, const Source& a, const Source& b) {
  return score_in(resolution_of(a, b), step, a, b);
}

midi::Score join_steps(std::span<const InterpolationStep> steps, const Source& a, const Source& b) {
  const int ticks = resolution_of(a, b);
  ScoreJoiner joiner(ticks);
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const auto& step = steps[i];
    joiner.add(score_in(ticks, step, a, b), nearer(step, a, b).style.parts,
               marker_text(i, steps.size(), step.t), bar_ticks(step.music, ticks).back(),
               i + 1 == steps.size());
  }
  return joiner.take();
}

}  // namespace musicvae
