#include "src/music/passages.hpp"

#include <algorithm>
#include <string>

#include "src/base/error.hpp"
#include "src/music/source.hpp"

namespace musicvae {

using datasets::Passage;
using datasets::Steps;

std::vector<Passage> split_passages(const Passage& music, int bars) {
  std::vector<Passage> passages;
  const int total = static_cast<int>(music.bars.size());
  for (int first = 0; first < total; first += bars) {
    passages.push_back(datasets::slice(music, first, std::min(bars, total - first)));
  }
  return passages;
}

Passage join_passages(std::span<const Passage> passages) {
  Passage joined;
  for (const Passage& passage : passages) {
    joined.grid = passage.grid;
    joined.bars.insert(joined.bars.end(), passage.bars.begin(), passage.bars.end());
  }
  return joined;
}

Passage repeat_or_cut(const Passage& music, int bars) {
  Passage result{music.grid, {}};
  for (std::size_t bar = 0; bar < std::size_t(bars); ++bar) {
    result.bars.push_back(music.bars[bar % music.bars.size()]);
  }
  return result;
}

Passage layout_of(const Passage& passage) {
  Passage layout = passage;
  for (auto& bar : layout.bars) bar.notes.clear();
  return layout;
}

Passage make_layout(const datasets::Codec& codec, const midi::Meter& meter, int bars) {
  const auto length = datasets::bar_length(codec.grid(), meter);
  if (!length || !codec.can_encode(*length)) {
    throw Error("a bar of " + describe(meter) + " does not fit the model's grid of " +
                std::to_string(codec.grid().steps_per_quarter) + " steps a quarter and up to " +
                std::to_string(codec.longest_bar().count) + " steps a bar; choose another meter");
  }
  return {codec.grid(), std::vector<datasets::Bar>(bars, {meter, *length, {}})};
}

std::size_t note_count(const Passage& music) {
  std::size_t notes = 0;
  for (const auto& bar : music.bars) notes += bar.notes.size();
  return notes;
}

bool is_polyphonic(const Passage& music) {
  Steps bar_start, end;  // `end` is where the notes so far end.
  for (const auto& bar : music.bars) {
    auto notes = bar.notes;
    std::stable_sort(notes.begin(), notes.end(),
                     [](const auto& a, const auto& b) { return a.onset < b.onset; });
    for (const auto& note : notes) {
      if (bar_start + note.onset < end) return true;
      end = bar_start + note.onset + note.duration;
    }
    bar_start += bar.length;
  }
  return false;
}

bool has_notes_outside(const Passage& music, const std::vector<int>& missing) {
  for (std::size_t bar = 0; bar < music.bars.size(); ++bar) {
    const bool known = !std::binary_search(missing.begin(), missing.end(), static_cast<int>(bar));
    if (known && !music.bars[bar].notes.empty()) return true;
  }
  return false;
}

}  // namespace musicvae
