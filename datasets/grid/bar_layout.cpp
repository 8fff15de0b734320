#include "datasets/grid/bar_layout.hpp"

#include <algorithm>
#include <numeric>

namespace musicvae::datasets {
namespace {

bool is_usable(const midi::MeterChange& change, int ticks_per_quarter) {
  return change.meter.numerator != 0 && change.meter.denominator != 0 && change.time.count >= 0 &&
         change.time.count <= std::int64_t{kMaxQuarters} * ticks_per_quarter;
}

/// Lets a first bar that is cut short count as an upbeat to what follows.
void merge_upbeat(std::vector<MeterSpan>& spans, const Grid& grid) {
  if (spans.size() < 2) return;
  const Steps upbeat = spans[1].start;
  const bool one_bar = upbeat <= BarGrid(grid, spans[0].meter, Steps(0)).line(1);
  if (one_bar && is_upbeat_length(grid, upbeat, spans[1].meter)) spans[0].meter = spans[1].meter;
}

Steps span_end(const std::vector<MeterSpan>& spans, std::size_t index, Steps end) {
  return index + 1 < spans.size() ? std::min(spans[index + 1].start, end) : end;
}

void check_bar_count(const std::vector<MeterSpan>& spans, const Grid& grid, Steps end) {
  std::int64_t bars = 0;
  for (std::size_t i = 0; i < spans.size() && spans[i].start < end; ++i) {
    bars += BarGrid(grid, spans[i].meter, spans[i].start).bars_before(span_end(spans, i, end));
    if (bars > kMaxBars) {
      throw DatasetError("the piece has more than " + std::to_string(kMaxBars) +
                         " bars: its meters or its length are not those of music");
    }
  }
}

void lay_out_span(const MeterSpan& span, const Grid& grid, Steps end, BarLayout& layout) {
  const BarGrid lines(grid, span.meter, span.start);
  for (std::int64_t bar = 0; lines.line(bar) < end; ++bar) {
    const Steps start = lines.line(bar);
    const Steps length = lines.line(bar + 1) - start;
    if (length.count == 0) continue;  // A bar below the grid's resolution joins the next.
    layout.bars.push_back({start, length, span.meter});
    if (!lines.on_grid()) ++layout.off_grid;
  }
}

}  // namespace

Steps nearest_step(midi::Ticks time, int ticks_per_quarter, const Grid& grid) {
  const std::int64_t halves = 2 * time.count * grid.steps_per_quarter + ticks_per_quarter;
  return Steps(static_cast<int>(halves / (2 * ticks_per_quarter)));
}

int resolution_for(int ticks_per_quarter, const Grid& grid) {
  const int steps = grid.steps_per_quarter;
  const std::int64_t exact = std::lcm(std::int64_t{ticks_per_quarter}, std::int64_t{steps});
  if (exact <= kMaxTicksPerQuarter) return static_cast<int>(exact);
  return ticks_per_quarter * ((steps + ticks_per_quarter - 1) / ticks_per_quarter);
}

BarGrid::BarGrid(const Grid& grid, const midi::Meter& meter, Steps start)
    : start_(start.count),
      numerator_(std::int64_t{4} * grid.steps_per_quarter * meter.numerator),
      denominator_(meter.denominator) {}

Steps BarGrid::line(std::int64_t bar) const {
  const std::int64_t from_start = (2 * bar * numerator_ + denominator_) / (2 * denominator_);
  return Steps(static_cast<int>(start_ + from_start));
}

std::int64_t BarGrid::bars_before(Steps end) const {
  const std::int64_t steps = std::max<std::int64_t>(end.count - start_, 0);
  return (steps * denominator_ + numerator_ - 1) / numerator_;
}

bool BarGrid::has_line(Steps step) const {
  if (step.count < start_) return false;
  const std::int64_t bar = (step.count - start_) * denominator_ / numerator_;
  return line(bar) == step || line(bar + 1) == step;
}

bool is_upbeat_length(const Grid& grid, Steps length, const midi::Meter& meter) {
  return length * 2 <= BarGrid(grid, meter, Steps(0)).line(1);
}

bool states_meter(const midi::Score& score) {
  const int ticks = score.division.ticks_per_quarter;
  return std::any_of(score.meters.begin(), score.meters.end(),
                     [ticks](const midi::MeterChange& change) { return is_usable(change, ticks); });
}

std::vector<MeterSpan> meter_spans(const midi::Score& score, const Grid& grid) {
  const int ticks = score.division.ticks_per_quarter;
  std::vector<MeterSpan> spans{{Steps(0), midi::Meter{}}};
  for (const midi::MeterChange& change : score.meters) {
    if (!is_usable(change, ticks)) continue;
    const Steps start = nearest_step(change.time, ticks, grid);
    if (start == spans.back().start) {
      spans.back().meter = change.meter;
    } else if (start > spans.back().start) {
      spans.push_back({start, change.meter});
    }
  }
  merge_upbeat(spans, grid);
  return spans;
}

BarLayout lay_out_bars(const std::vector<MeterSpan>& spans, const Grid& grid, Steps end) {
  check_bar_count(spans, grid, end);
  BarLayout layout;
  for (std::size_t i = 0; i < spans.size() && spans[i].start < end; ++i) {
    lay_out_span(spans[i], grid, span_end(spans, i, end), layout);
    PlacedBar& last = layout.bars.back();
    if (i + 1 < spans.size()) last.length = std::min(last.length, spans[i + 1].start - last.start);
  }
  return layout;
}

}  // namespace musicvae::datasets
