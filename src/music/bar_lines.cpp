#include "src/music/bar_lines.hpp"

#include <algorithm>

#include "datasets/grid/bar_layout.hpp"
#include "src/base/error.hpp"
#include "src/music/selection.hpp"

namespace musicvae {
namespace {

/// This grid holds every meter down to 32nds exactly.
constexpr datasets::Grid kGrid{24};

}  // namespace

BarLines::BarLines(const midi::Score& score) {
  const datasets::Piece piece = datasets::quantize(score, kGrid);
  const datasets::TickScale to_ticks(score.division.ticks_per_quarter, kGrid);
  first_ = bar_number(piece, 0);
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

std::size_t BarLines::index(int bar) const {
  if (bar < first() || bar > last())
    throw Error("there is no bar " + std::to_string(bar) + "; the piece has bars " +
                std::to_string(first()) + " to " + std::to_string(last()));
  return static_cast<std::size_t>(bar - first_);
}

}  // namespace musicvae
