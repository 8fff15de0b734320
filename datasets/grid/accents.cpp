#include "datasets/grid/accents.hpp"

#include <algorithm>

namespace musicvae::datasets {
namespace {

constexpr std::size_t kMinAccents = 5;
constexpr double kMaxAccentShare = 0.7;   // Share of onsets; above it loudness says nothing.
constexpr double kMinRegularShare = 0.8;  // Share of gaps between accents that are whole bars.
constexpr double kMinBarShare = 0.8;      // Share of bars that begin with an accent.

struct Accents {
  std::vector<Steps> steps;  // Where the loudest notes are.
  std::size_t onsets = 0;    // Steps where any note begins.
};

Accents find_accents(const std::vector<GridNote>& notes) {
  int loudest = 0;
  for (const GridNote& note : notes) {
    if (!note.drum) loudest = std::max<int>(loudest, note.velocity);
  }
  Accents accents;
  Steps last_onset(-1);
  for (const GridNote& note : notes) {
    if (note.drum) continue;
    if (note.onset != last_onset) ++accents.onsets;
    last_onset = note.onset;
    const bool is_new = accents.steps.empty() || accents.steps.back() != note.onset;
    if (note.velocity == loudest && is_new) accents.steps.push_back(note.onset);
  }
  return accents;
}

bool mark_bars(const Accents& accents, const midi::Meter& meter, const Grid& grid) {
  const std::vector<Steps>& steps = accents.steps;
  if (steps.size() < kMinAccents) return false;
  if (double(steps.size()) > kMaxAccentShare * double(accents.onsets)) return false;
  double regular = 0, bars = 0;
  for (std::size_t i = 0; i + 1 < steps.size(); ++i) {
    const BarGrid lines(grid, meter, steps[i]);
    regular += lines.has_line(steps[i + 1]);
    bars += static_cast<double>(lines.bars_before(steps[i + 1]));
  }
  const double gaps = double(steps.size()) - 1;
  return regular >= kMinRegularShare * gaps && gaps >= kMinBarShare * bars;
}

}  // namespace

std::vector<MeterSpan> follow_accents(const midi::Meter& meter, const Grid& grid,
                                      const std::vector<GridNote>& notes) {
  std::vector<MeterSpan> spans{{Steps(0), meter}};
  const Accents accents = find_accents(notes);
  if (!mark_bars(accents, meter, grid)) return spans;
  for (std::size_t i = 0; i + 2 < accents.steps.size(); ++i) {
    const Steps here = accents.steps[i];
    if (BarGrid(grid, meter, spans.back().start).has_line(here)) continue;
    // One accent may stand anywhere. Bars begin anew where the next two confirm it.
    const BarGrid lines(grid, meter, here);
    if (!lines.has_line(accents.steps[i + 1]) || !lines.has_line(accents.steps[i + 2])) continue;
    spans.push_back({here, meter});
  }
  return spans;
}

}  // namespace musicvae::datasets
