#include "datasets/metrics/bar_figures.hpp"

#include <algorithm>
#include <set>
#include <tuple>
#include <utility>

namespace musicvae::datasets {
namespace {

std::optional<double> share(std::size_t part, std::size_t whole) {
  if (whole == 0) return std::nullopt;
  return double(part) / double(whole);
}

/// What two bars have in common that are the same music: their length and their notes in order.
auto content_of(const Bar& bar) {
  std::vector<std::tuple<Steps, std::uint8_t, Steps>> notes;
  for (const GridNote& note : bar.notes) notes.emplace_back(note.onset, note.pitch, note.duration);
  std::sort(notes.begin(), notes.end());
  return std::pair(bar.length, std::move(notes));
}

}  // namespace

std::optional<double> notes_per_bar(const Passage& passage) {
  std::size_t notes = 0;
  for (const Bar& bar : passage.bars) notes += bar.notes.size();
  return share(notes, passage.bars.size());
}

std::optional<double> repeated_bar_share(const Passage& passage) {
  std::set<decltype(content_of(Bar{}))> seen;
  std::size_t bars = 0;
  for (const Bar& bar : passage.bars) {
    if (bar.notes.empty()) continue;
    ++bars;
    seen.insert(content_of(bar));
  }
  return share(bars - seen.size(), bars);
}

std::optional<double> silent_bar_share(const Passage& passage) {
  std::size_t silent = 0;
  Steps sounding;  // How far the notes so far reach past the start of the bar.
  for (const Bar& bar : passage.bars) {
    if (bar.notes.empty() && sounding <= Steps(0)) ++silent;
    for (const GridNote& note : bar.notes)
      sounding = std::max(sounding, note.onset + note.duration);
    sounding -= bar.length;
  }
  return share(silent, passage.bars.size());
}

}  // namespace musicvae::datasets
