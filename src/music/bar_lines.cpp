#include "src/music/bar_lines.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "datasets/grid/bar_layout.hpp"
#include "src/base/error.hpp"

namespace musicvae {
namespace {

/// This grid holds every meter down to 32nds exactly.
constexpr datasets::Grid kGrid{24};

/// A time in a file, such as "1:02.5".
std::string clock_time(midi::Seconds time) {
  const auto tenths = std::llround(time.count * 10);
  char text[32];
  std::snprintf(text, sizeof text, "%lld:%02lld.%lld", tenths / 600, tenths / 10 % 60, tenths % 10);
  return text;
}

std::string describe(const BarStretch& stretch) {
  const std::string last = stretch.last > stretch.first ? "-" + std::to_string(stretch.last) : "";
  return std::to_string(stretch.first) + last + " (" + clock_time(stretch.start) + " to " +
         clock_time(stretch.end) + ")";
}

}  // namespace

BarLines::BarLines(const midi::Score& score, const datasets::QuantizeOptions& options)
    : BarLines(datasets::quantize(score, kGrid, options), score.division.ticks_per_quarter) {}

BarLines::BarLines(const datasets::Piece& piece, int ticks_per_quarter)
    : guess_(piece.guess), first_(piece.first_bar()) {
  const datasets::TickScale to_ticks(ticks_per_quarter, piece.music.grid);
  datasets::Steps step;
  lines_.push_back(to_ticks(step));
  for (const datasets::Bar& bar : piece.music.bars) lines_.push_back(to_ticks(step += bar.length));
}

midi::Ticks BarLines::start(int bar) const { return lines_[index(bar)]; }
midi::Ticks BarLines::end(int bar) const { return lines_[index(bar) + 1]; }

int BarLines::bar_at(midi::Ticks time) const {
  const auto after = std::upper_bound(lines_.begin(), lines_.end(), time);
  return std::clamp(first_ + static_cast<int>(after - lines_.begin()) - 1, first(),
                    std::max(first(), last()));
}

std::vector<BarStretch> bar_stretches(const midi::Score& score, const datasets::Piece& piece,
                                      const std::vector<int>& bars) {
  const BarLines lines(piece, score.division.ticks_per_quarter);
  const midi::TempoMap tempo(score);
  std::vector<BarStretch> stretches;
  for (const int index : bars) {
    const int bar = piece.first_bar() + index;
    if (stretches.empty() || stretches.back().last + 1 != bar) {
      stretches.push_back({bar, bar, tempo.seconds(lines.start(bar)), {}});
    }
    stretches.back().last = bar;
    stretches.back().end = tempo.seconds(lines.end(bar));
  }
  return stretches;
}

std::string describe(const std::vector<BarStretch>& stretches) {
  const bool one = stretches.size() == 1 && stretches[0].first == stretches[0].last;
  std::string text = one ? "bar " : "bars ";
  for (std::size_t i = 0; i < stretches.size(); ++i) {
    text += (i == 0 ? "" : ", ") + describe(stretches[i]);
  }
  return text;
}

std::size_t BarLines::index(int bar) const {
  if (bar < first() || bar > last())
    throw Error("there is no bar " + std::to_string(bar) + "; the piece has bars " +
                std::to_string(first()) + " to " + std::to_string(last()));
  return static_cast<std::size_t>(bar - first_);
}

}  // namespace musicvae
