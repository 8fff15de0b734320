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

/// Walks accents together with the span each lies in.
class SpanCursor {
 public:
  SpanCursor(const std::vector<MeterSpan>& spans, const Grid& grid) : spans_(spans), grid_(grid) {}

  const MeterSpan& at(Steps step) {
    while (index_ + 1 < spans_.size() && spans_[index_ + 1].start <= step) ++index_;
    return spans_[index_];
  }
  bool whole_bars(Steps from, Steps to) { return lines(at(from), from).has_line(to); }
  double bars(Steps from, Steps to) {
    return static_cast<double>(lines(at(from), from).bars_before(to));
  }

 private:
  BarGrid lines(const MeterSpan& span, Steps from) const { return {grid_, span.meter, from}; }

  const std::vector<MeterSpan>& spans_;
  const Grid& grid_;
  std::size_t index_ = 0;
};

bool mark_bars(const Accents& accents, const std::vector<MeterSpan>& spans, const Grid& grid) {
  const std::vector<Steps>& steps = accents.steps;
  if (steps.size() < kMinAccents) return false;
  if (double(steps.size()) > kMaxAccentShare * double(accents.onsets)) return false;
  SpanCursor cursor(spans, grid);
  double regular = 0, bars = 0;
  for (std::size_t i = 0; i + 1 < steps.size(); ++i) {
    regular += cursor.whole_bars(steps[i], steps[i + 1]);
    bars += cursor.bars(steps[i], steps[i + 1]);
  }
  const double gaps = double(steps.size()) - 1;
  return regular >= kMinRegularShare * gaps && gaps >= kMinBarShare * bars;
}

/// Spans that begin at an accent off the bar lines in force, where the two accents after it stand
/// on the bar lines that it would begin.
std::vector<MeterSpan> accented_spans(const std::vector<Steps>& accents,
                                      const std::vector<MeterSpan>& spans, const Grid& grid) {
  std::vector<MeterSpan> found;
  SpanCursor cursor(spans, grid);
  MeterSpan current = spans.front();
  for (std::size_t i = 0; i + 2 < accents.size(); ++i) {
    const Steps here = accents[i];
    const MeterSpan& stated = cursor.at(here);
    if (stated.start > current.start) current = stated;
    if (BarGrid(grid, current.meter, current.start).has_line(here)) continue;
    const BarGrid lines(grid, current.meter, here);
    if (!lines.has_line(accents[i + 1]) || !lines.has_line(accents[i + 2])) continue;
    current = {here, stated.meter};
    found.push_back(current);
  }
  return found;
}

}  // namespace

std::vector<MeterSpan> follow_accents(std::vector<MeterSpan> spans, const Grid& grid,
                                      const std::vector<GridNote>& notes) {
  const Accents accents = find_accents(notes);
  if (!mark_bars(accents, spans, grid)) return spans;
  const std::vector<MeterSpan> found = accented_spans(accents.steps, spans, grid);
  std::vector<MeterSpan> merged;
  std::merge(spans.begin(), spans.end(), found.begin(), found.end(), std::back_inserter(merged),
             [](const MeterSpan& a, const MeterSpan& b) { return a.start < b.start; });
  return merged;
}

}  // namespace musicvae::datasets
