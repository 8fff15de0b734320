#include "datasets/grid/repeats.hpp"

#include <algorithm>
#include <tuple>

namespace musicvae::datasets {
namespace {

bool same_voice(const GridNote& a, const GridNote& b) {
  return a.part == b.part && a.pitch == b.pitch && a.drum == b.drum;
}

/// Sorts by part and pitch, then onset, the longest first.
bool voice_order(const GridNote& a, const GridNote& b) {
  return std::tie(a.part, a.drum, a.pitch, a.onset, b.duration, b.velocity) <
         std::tie(b.part, b.drum, b.pitch, b.onset, a.duration, a.velocity);
}

bool time_order(const GridNote& a, const GridNote& b) {
  return std::tie(a.onset, a.pitch, a.part) < std::tie(b.onset, b.pitch, b.part);
}

}  // namespace

RepeatCounts separate_repeats(std::vector<GridNote>& notes) {
  RepeatCounts counts;
  std::sort(notes.begin(), notes.end(), voice_order);
  const auto kept_end = std::unique(
      notes.begin(), notes.end(),
      [](const GridNote& a, const GridNote& b) { return same_voice(a, b) && a.onset == b.onset; });
  counts.merged = static_cast<std::size_t>(notes.end() - kept_end);
  notes.erase(kept_end, notes.end());
  for (std::size_t i = 0; i + 1 < notes.size(); ++i) {
    const Steps gap = notes[i + 1].onset - notes[i].onset;
    if (!same_voice(notes[i], notes[i + 1]) || notes[i].duration <= gap) continue;
    notes[i].duration = gap;
    ++counts.cut;
  }
  std::sort(notes.begin(), notes.end(), time_order);
  return counts;
}

}  // namespace musicvae::datasets
