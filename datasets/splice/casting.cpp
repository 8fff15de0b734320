#include "datasets/splice/casting.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <span>
#include <tuple>

namespace musicvae::datasets {
namespace {

constexpr int kBarsAround = 4;      // Bars to learn from on each side of a gap.
constexpr double kCrowding = 12.0;  // Cost, in semitones, of a second note in a part of one line.

using NotesByPart = std::map<std::uint16_t, std::vector<GridNote>>;

/// Adds the notes of bars [first, end) that are missing or not, as `missing` says.
void collect(const Filling& filling, int first, int end, bool missing, NotesByPart& notes) {
  const int bars = static_cast<int>(filling.music.bars.size());
  for (int bar = std::max(first, 0); bar < std::min(end, bars); ++bar) {
    if (filling.missing[std::size_t(bar)] != missing) continue;
    for (const GridNote& note : filling.music.bars[std::size_t(bar)].notes) {
      if (std::binary_search(filling.parts.begin(), filling.parts.end(), note.part))
        notes[note.part].push_back(note);
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

/// A part as its music around the gap shows it.
struct Player {
  std::uint16_t part = 0;
  bool one_line = false;
  double mean_pitch = 0;
  std::vector<GridNote> notes;
  Steps busy_until;  // End of its fill so far.

  double cost(const GridNote& note) const {
    const double crowding = one_line && busy_until > note.onset ? kCrowding : 0;
    return std::abs(note.pitch - mean_pitch) + crowding;
  }
};

std::vector<Player> find_players(const Filling& filling, const Gap& gap) {
  std::vector<Player> players;
  for (auto& [part, notes] : notes_around(filling, gap)) {
    double sum = 0;
    for (const GridNote& note : notes) sum += note.pitch;
    players.push_back({part, filling.one_line[part], sum / double(notes.size()), notes, Steps(0)});
  }
  if (players.empty()) players.push_back({filling.parts.front(), false, 0, {}, Steps(0)});
  std::stable_sort(players.begin(), players.end(),
                   [](const Player& a, const Player& b) { return a.mean_pitch < b.mean_pitch; });
  return players;
}

/// The cheapest way to deal the notes of a chord so far, the last to a given player.
struct Deal {
  double cost = 0;
  std::size_t before = 0;  // Who took the note below.
};

/// Costs of a chord's next note by player, given those of the note below.
std::vector<Deal> next_deals(const std::vector<Deal>& below, const std::vector<Player>& players,
                             const GridNote& note) {
  std::vector<Deal> deals;
  Deal best{std::numeric_limits<double>::infinity(), 0};  // For the note below, by a lower player.
  for (std::size_t player = 0; player < players.size(); ++player) {
    const double again = below[player].cost + (players[player].one_line ? kCrowding : 0);
    Deal deal = again < best.cost ? Deal{again, player} : best;
    deal.cost += players[player].cost(note);
    deals.push_back(deal);
    if (below[player].cost < best.cost) best = {below[player].cost, player};
  }
  return deals;
}

/// Which player takes each note of a chord. Pitches and players ascend.
std::vector<std::size_t> deal_chord(std::span<const GridNote> chord,
                                    const std::vector<Player>& players) {
  std::vector<std::vector<Deal>> deals(1);
  for (const Player& player : players) deals[0].push_back({player.cost(chord[0]), 0});
  for (const GridNote& note : chord.subspan(1))
    deals.push_back(next_deals(deals.back(), players, note));
  const auto cheapest =
      std::min_element(deals.back().begin(), deals.back().end(),
                       [](const Deal& a, const Deal& b) { return a.cost < b.cost; });
  std::vector<std::size_t> taken(chord.size());
  taken.back() = static_cast<std::size_t>(cheapest - deals.back().begin());
  for (std::size_t i = chord.size() - 1; i > 0; --i) taken[i - 1] = deals[i][taken[i]].before;
  return taken;
}

/// The median velocity of the notes around that stand at this place of their bars. Where there are
/// none, of those on the bar line for a note on it, and of those off it for any other: some files
/// tell where bars begin by accents on the bar line, which must stay accents and alone.
std::uint8_t velocity_at(Steps place, const std::vector<GridNote>& around) {
  std::vector<std::uint8_t> same, alike, all;
  for (const GridNote& note : around) {
    if (note.onset == place) same.push_back(note.velocity);
    if ((note.onset == Steps(0)) == (place == Steps(0))) alike.push_back(note.velocity);
    all.push_back(note.velocity);
  }
  std::vector<std::uint8_t>& best = !same.empty() ? same : !alike.empty() ? alike : all;
  if (best.empty()) return GridNote().velocity;
  const auto middle = best.begin() + std::ptrdiff_t(best.size() / 2);
  std::nth_element(best.begin(), middle, best.end());
  return std::clamp<std::uint8_t>(*middle, 1, 127);
}

/// The fill's notes in a bar, sorted by onset and pitch.
std::vector<GridNote> bar_notes(const Bar& bar) {
  std::vector<GridNote> notes;
  for (const GridNote& note : bar.notes) {
    if (!note.drum && note.onset >= Steps(0) && note.onset < bar.length) notes.push_back(note);
  }
  std::sort(notes.begin(), notes.end(), [](const GridNote& a, const GridNote& b) {
    return std::tie(a.onset, a.pitch) < std::tie(b.onset, b.pitch);
  });
  return notes;
}

/// Casts a bar's notes, whose onsets are from the bar's start.
void cast_bar(std::vector<GridNote> notes, Steps start, std::vector<Player>& players,
              std::vector<GridNote>& cast) {
  for (auto chord = notes.begin(); chord != notes.end();) {
    const auto end = std::find_if(chord, notes.end(),
                                  [&](const GridNote& note) { return note.onset > chord->onset; });
    const Steps place = chord->onset;
    for (auto note = chord; note != end; ++note) note->onset += start;
    const auto taken = deal_chord({chord, end}, players);
    for (auto note = chord; note != end; ++note) {
      Player& player = players[taken[std::size_t(note - chord)]];
      note->part = player.part;
      note->velocity = velocity_at(place, player.notes);
      player.busy_until = std::max(player.busy_until, note->onset + note->duration);
      cast.push_back(*note);
    }
    chord = end;
  }
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
  std::vector<Player> players = find_players(filling, gap);
  std::vector<GridNote> cast;
  Steps start = gap.start;
  for (int bar = gap.first; bar < gap.end; ++bar) {
    const Bar& notes = filled.bars[std::size_t(bar)];
    cast_bar(bar_notes(notes), start, players, cast);
    start += notes.length;
  }
  return cast;
}

}  // namespace musicvae::datasets
