#pragma once

#include <cstdint>
#include <vector>

#include "datasets/grid/grid.hpp"

/// Where bars begin on a grid.
namespace musicvae::datasets {

/// The step nearest to a time that is not negative; half a step up.
Steps nearest_step(midi::Ticks time, int ticks_per_quarter, const Grid& grid);

/// The tick nearest to a step that is not negative; half a tick up.
class TickScale {
 public:
  TickScale(int ticks_per_quarter, const Grid& grid)
      : ticks_(ticks_per_quarter), steps_(grid.steps_per_quarter) {}

  midi::Ticks operator()(Steps time) const {
    return midi::Ticks((2 * std::int64_t{time.count} * ticks_ + steps_) / (2 * steps_));
  }

 private:
  std::int64_t ticks_;
  std::int64_t steps_;
};

inline constexpr int kMaxTicksPerQuarter = 32767;  ///< What a file's 15 bits can state.

/// The least multiple of `ticks_per_quarter` that holds the grid exactly. Where a file cannot state
/// that, a multiple with at least one tick a step.
int resolution_for(int ticks_per_quarter, const Grid& grid);

/// The bar lines of one meter from `start` on: bar k begins at the step nearest to k bars. Where
/// the meter is off the grid its bars differ by a step, without drift.
class BarGrid {
 public:
  BarGrid(const Grid& grid, const midi::Meter& meter, Steps start);

  Steps line(std::int64_t bar) const;
  /// Number of bars, those of no step included, that begin before `end`.
  std::int64_t bars_before(Steps end) const;
  bool has_line(Steps step) const;
  bool on_grid() const { return numerator_ % denominator_ == 0; }

 private:
  std::int64_t start_;
  std::int64_t numerator_;  // A bar is numerator_ / denominator_ steps.
  std::int64_t denominator_;
};

/// A meter from a step on.
struct MeterSpan {
  Steps start;
  midi::Meter meter;

  bool operator==(const MeterSpan&) const = default;
};

/// Whether a first bar of this length reads as an upbeat to bars of `meter`: half a bar or less. A
/// longer one (2/2 before 3/2) may well be a bar of its own.
bool is_upbeat_length(const Grid& grid, Steps length, const midi::Meter& meter);

/// Whether `score` states a meter that meter_spans() can use.
bool states_meter(const midi::Score& score);

/// The meters of `score` on the grid: the first at step 0, 4/4 unless
/// one is stated there; at most one a step; unusable ones left out. A first span of at most one bar
/// that is as short as an upbeat to the second takes the second's meter, which moves no bar line.
std::vector<MeterSpan> meter_spans(const midi::Score& score, const Grid& grid);

struct PlacedBar {
  Steps start;
  Steps length;
  midi::Meter meter;
};

struct BarLayout {
  std::vector<PlacedBar> bars;  ///< Without gaps, each at least one step long.
  std::size_t off_grid = 0;     ///< Bars whose meter is not a whole number of steps.
};

/// The bars that begin before `end`, in linear time. Throws DatasetError above kMaxBars.
BarLayout lay_out_bars(const std::vector<MeterSpan>& spans, const Grid& grid, Steps end);

}  // namespace musicvae::datasets
