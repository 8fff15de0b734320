#include "datasets/codecs/melody_ticks.hpp"

#include <algorithm>
#include <array>

#include "datasets/codecs/common.hpp"

namespace musicvae::datasets {
namespace {

constexpr const char* kMovedReason = "shortened or moved to the nearest tick";
constexpr std::array<int, 6> kTickSteps{0, 3, 4, 6, 8, 9};
constexpr int kTicksPerQuarter = static_cast<int>(kTickSteps.size());

/// Where a bar's tick begins.
int step_of(int tick) {
  return tick / kTicksPerQuarter * MelodyTicksCodec::kStepsPerQuarter +
         kTickSteps[std::size_t(tick % kTicksPerQuarter)];
}

/// Ticks that begin before `length`.
int ticks_before(Steps length) {
  const int steps = std::max(length.count, 0);
  const int rest = steps % MelodyTicksCodec::kStepsPerQuarter;
  const auto in_rest = std::lower_bound(kTickSteps.begin(), kTickSteps.end(), rest);
  return steps / MelodyTicksCodec::kStepsPerQuarter * kTicksPerQuarter +
         static_cast<int>(in_rest - kTickSteps.begin());
}

/// The ticks of a whole passage, and its end.
class TickLine {
 public:
  explicit TickLine(const Passage& passage) {
    Steps start;
    for (const Bar& bar : passage.bars) {
      const int ticks = ticks_before(bar.length);
      for (int tick = 0; tick < ticks; ++tick) ticks_.push_back(start + Steps(step_of(tick)));
      start += bar.length;
    }
    ticks_.push_back(start);
  }

  /// The note on ticks; what sounds past the end of the passage keeps its end.
  GridNote snapped(GridNote note) const {
    const Steps end = note.onset + note.duration;
    note.onset = std::min(nearest(note.onset), ticks_[ticks_.size() - 2]);
    const Steps next = *std::upper_bound(ticks_.begin(), ticks_.end(), note.onset);
    note.duration = std::max(end > ticks_.back() ? end : nearest(end), next) - note.onset;
    return note;
  }

 private:
  /// The tick nearest to a place, which is not after the end.
  Steps nearest(Steps place) const {
    const auto after = std::lower_bound(ticks_.begin(), ticks_.end(), place);
    if (*after == place) return place;
    const Steps before = *(after - 1);
    return *after - place <= place - before ? *after : before;
  }

  std::vector<Steps> ticks_;
};

/// All notes of the passage on its ticks, in one bar.
Bar joined_on_ticks(const Passage& passage, std::pair<int, int> pitch_range, DropCounter& dropped) {
  Bar bar{passage.bars.front().meter, total_length(passage),
          encodable_timeline(passage, pitch_range, dropped)};
  const TickLine line(passage);
  for (GridNote& note : bar.notes) {
    const GridNote snapped = line.snapped(note);
    if (snapped != note) dropped.add(kMovedReason);
    note = snapped;
  }
  return bar;
}

/// The rows at a bar's ticks, of the steps of the passage from the bar's start on.
BarRows rows_at_ticks(const Bar& bar, std::span<const std::uint16_t> steps) {
  BarRows rows{bar.meter, bar.length, ticks_before(bar.length), {}};
  for (int tick = 0; tick < rows.rows; ++tick) {
    rows.values.push_back(steps[std::size_t(step_of(tick))]);
  }
  return rows;
}

/// A row a step, holding between ticks.
BarRows rows_at_steps(const BarRows& ticks) {
  const int count = std::min(ticks_before(ticks.length), static_cast<int>(ticks.values.size()));
  const int steps = std::min(step_of(count), std::max(ticks.length.count, 0));
  BarRows rows{ticks.meter, ticks.length, steps, {}};
  rows.values.assign(std::size_t(steps), MelodyCodec::kHold);
  for (int tick = 0; tick < count; ++tick) {
    rows.values[std::size_t(step_of(tick))] = ticks.values[std::size_t(tick)];
  }
  return rows;
}

}  // namespace

MelodyTicksCodec::MelodyTicksCodec(const Grid& grid) : melody_(grid) {
  if (grid.steps_per_quarter == kStepsPerQuarter) return;
  throw DatasetError("codec melody-ticks needs a grid of 12 steps a quarter, not " +
                     std::to_string(grid.steps_per_quarter));
}

std::vector<BarRows> MelodyTicksCodec::encode(const Passage& passage, Dropped* dropped) const {
  check_bars(*this, passage);
  if (passage.bars.empty()) return {};
  DropCounter counter(dropped);
  const Passage joined{grid(), {joined_on_ticks(passage, pitch_range(), counter)}};
  const auto all = melody_.tokens(joined, dropped);
  std::span<const std::uint16_t> steps(all);
  std::vector<BarRows> bars;
  bars.reserve(passage.bars.size());
  for (const Bar& bar : passage.bars) {
    bars.push_back(rows_at_ticks(bar, steps));
    steps = steps.subspan(std::size_t(bar.length.count));
  }
  return bars;
}

Passage MelodyTicksCodec::decode(std::span<const BarRows> bars) const {
  std::vector<BarRows> steps;
  steps.reserve(bars.size());
  std::transform(bars.begin(), bars.end(), std::back_inserter(steps), rows_at_steps);
  return melody_.decode(steps);
}

std::unique_ptr<BarGrammar> MelodyTicksCodec::grammar(Steps bar_length) const {
  check_length(*this, bar_length);
  return std::make_unique<FreeGrammar>(max_rows(bar_length));
}

int MelodyTicksCodec::max_rows(Steps bar_length) const { return ticks_before(bar_length); }

}  // namespace musicvae::datasets
