#include "datasets/splice/casting.hpp"

#include <algorithm>
#include <map>

#include "datasets/splice/players.hpp"

namespace musicvae::datasets {
namespace {

constexpr int kBarsAround = 4;  // Bars to learn from on each side of a gap.

using NotesByPart = std::map<std::uint16_t, std::vector<HeardNote>>;

/// Adds the notes of bars [first, end) that are missing or not, as `missing` says.
void collect(const Filling& filling, int first, int end, bool missing, NotesByPart& notes) {
  const int bars = static_cast<int>(filling.music.bars.size());
  for (int bar = std::max(first, 0); bar < std::min(end, bars); ++bar) {
    if (filling.missing[std::size_t(bar)] != missing) continue;
    for (const GridNote& note : filling.music.bars[std::size_t(bar)].notes) {
      if (std::binary_search(filling.parts.begin(), filling.parts.end(), note.part))
        notes[note.part].push_back({note});
    }
  }
}

/// What the parts play around a gap, or in it where they are silent around; where none does
/// either, what they play anywhere.
NotesByPart notes_around(const Filling& filling, const Gap& gap) {
  NotesByPart notes, within;
  collect(filling, gap.first - kBarsAround, gap.end + kBarsAround, false, notes);
  collect(filling, gap.first, gap.end, true, within);
  notes.merge(within);
  const int all = static_cast<int>(filling.music.bars.size());
  if (notes.empty()) collect(filling, 0, all, false, notes);
  if (notes.empty()) collect(filling, 0, all, true, notes);
  return notes;
}

std::vector<PartPlayer> find_players(const Filling& filling, const Gap& gap) {
  std::vector<PartPlayer> players;
  for (auto& [part, notes] : notes_around(filling, gap)) {
    players.push_back(make_player(part, filling.one_line[part], std::move(notes)));
  }
  if (players.empty()) players.push_back(make_player(filling.parts.front(), false, {}));
  sort_by_pitch(players);
  return players;
}

/// The fill's notes in a bar, sorted by onset and pitch.
std::vector<GridNote> bar_notes(const Bar& bar) {
  std::vector<GridNote> notes;
  for (const GridNote& note : bar.notes) {
    if (!note.drum && note.onset >= Steps(0) && note.onset < bar.length) notes.push_back(note);
  }
  sort_by_onset(notes);
  return notes;
}

}  // namespace

std::vector<Gap> find_gaps(const Passage& music, const std::vector<bool>& missing) {
  std::vector<Gap> gaps;
  Steps start;
  for (std::size_t bar = 0; bar < music.bars.size(); ++bar) {
    const Steps stop = start + music.bars[bar].length;
    const int index = static_cast<int>(bar);
    if (missing[bar] && (gaps.empty() || gaps.back().end != index)) {
      gaps.push_back({index, index, start, start});
    }
    if (missing[bar]) {
      gaps.back().end = index + 1;
      gaps.back().stop = stop;
    }
    start = stop;
  }
  return gaps;
}

std::vector<GridNote> cast_fill(const Filling& filling, const Gap& gap, const Passage& filled) {
  std::vector<PartPlayer> players = find_players(filling, gap);
  std::vector<GridNote> cast;
  Steps start = gap.start;
  for (int bar = gap.first; bar < gap.end; ++bar) {
    const Bar& notes = filled.bars[std::size_t(bar)];
    cast_bar(bar_notes(notes), start, {}, players, cast);
    start += notes.length;
  }
  return cast;
}

}  // namespace musicvae::datasets
