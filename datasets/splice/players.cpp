#include "datasets/splice/players.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>
#include <tuple>

namespace musicvae::datasets {
namespace {

constexpr double kCrowding = 12.0;  // Cost, in semitones, of a second note in a part of one line.
constexpr double kMostAway = 12.0;  // The highest cost of time between notes of a line.

/// The cheapest way to deal the notes of a chord so far, the last to a given player.
struct Deal {
  double cost = 0;
  std::size_t before = 0;  // Who took the note below.
};

/// Costs of a chord's next note by player, given those of the note below.
std::vector<Deal> next_deals(const std::vector<Deal>& below, const std::vector<PartPlayer>& players,
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
                                    const std::vector<PartPlayer>& players) {
  std::vector<std::vector<Deal>> deals(1);
  for (const PartPlayer& player : players) deals[0].push_back({player.cost(chord[0]), 0});
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
/// tell where bars begin by accents on the bar line, which must stay accents and alone. Of all
/// these, the notes of the nearest bar count.
std::uint8_t velocity_at(Steps place, const std::vector<HeardNote>& around) {
  const auto rank = [place](const HeardNote& heard) {
    const bool alike = (heard.note.onset == Steps(0)) == (place == Steps(0));
    return std::pair(heard.note.onset == place ? 0 : alike ? 1 : 2, heard.bars_away);
  };
  if (around.empty()) return GridNote().velocity;
  auto best = rank(around.front());
  for (const HeardNote& heard : around) best = std::min(best, rank(heard));
  std::vector<std::uint8_t> velocities;
  for (const HeardNote& heard : around) {
    if (rank(heard) == best) velocities.push_back(heard.note.velocity);
  }
  const auto middle = velocities.begin() + std::ptrdiff_t(velocities.size() / 2);
  std::nth_element(velocities.begin(), middle, velocities.end());
  return std::clamp<std::uint8_t>(*middle, 1, 127);
}

/// Gives the player the note, whose place in the bar is `place`.
GridNote give(PartPlayer& player, GridNote note, Steps place) {
  note.part = player.part;
  note.velocity = velocity_at(place, player.notes);
  player.busy_until = std::max(player.busy_until, note.onset + note.duration);
  return note;
}

/// Gives the notes of a chord that are known to who plays them; the others.
std::vector<GridNote> cast_known(std::span<const GridNote> chord, Steps start,
                                 const KnownNotes& known, std::vector<PartPlayer>& players,
                                 std::vector<GridNote>& cast) {
  std::vector<GridNote> others;
  for (GridNote note : chord) {
    const auto found = known.find({note.onset, note.pitch});
    note.onset += start;
    if (found == known.end()) {
      others.push_back(note);
      continue;
    }
    const auto player = std::find_if(players.begin(), players.end(), [&](const PartPlayer& each) {
      return each.part == found->second.part;
    });
    if (player != players.end()) give(*player, note, found->second.onset);
    note.part = found->second.part;
    note.velocity = std::clamp<std::uint8_t>(found->second.velocity, 1, 127);
    cast.push_back(note);
  }
  return others;
}

}  // namespace

double PartPlayer::cost(const GridNote& note) const {
  const double crowding = one_line && busy_until > note.onset ? kCrowding : 0;
  if (line.empty()) return std::abs(note.pitch - mean_pitch) + crowding;
  double nearest = std::numeric_limits<double>::infinity();
  for (const GridNote& known : line) {
    const Steps last = known.onset + known.duration - Steps(1);
    const Steps away = std::max({known.onset - note.onset, note.onset - last, Steps(0)});
    nearest = std::min(nearest, std::abs(note.pitch - known.pitch) +
                                    std::min(cost_of_step * away.count, kMostAway));
  }
  return nearest + crowding;
}

PartPlayer make_player(std::uint16_t part, bool one_line, std::vector<HeardNote> notes) {
  PartPlayer player{part, one_line, std::move(notes), 0, Steps(0), {}, 0};
  for (const HeardNote& heard : player.notes) player.mean_pitch += heard.note.pitch;
  if (!player.notes.empty()) player.mean_pitch /= double(player.notes.size());
  return player;
}

void sort_by_pitch(std::vector<PartPlayer>& players) {
  std::stable_sort(players.begin(), players.end(), [](const PartPlayer& a, const PartPlayer& b) {
    return a.mean_pitch < b.mean_pitch;
  });
}

void sort_by_onset(std::vector<GridNote>& notes) {
  std::sort(notes.begin(), notes.end(), [](const GridNote& a, const GridNote& b) {
    return std::tie(a.onset, a.pitch, a.part) < std::tie(b.onset, b.pitch, b.part);
  });
}

void cast_bar(const std::vector<GridNote>& notes, Steps start, const KnownNotes& known,
              std::vector<PartPlayer>& players, std::vector<GridNote>& cast) {
  for (auto chord = notes.begin(); chord != notes.end();) {
    const Steps place = chord->onset;
    const auto end =
        std::find_if(chord, notes.end(), [&](const GridNote& note) { return note.onset > place; });
    const auto others = cast_known({chord, end}, start, known, players, cast);
    chord = end;
    if (others.empty()) continue;
    const auto taken = deal_chord(others, players);
    for (std::size_t i = 0; i < others.size(); ++i) {
      cast.push_back(give(players[taken[i]], others[i], place));
    }
  }
}

std::vector<bool> one_line_parts(const Passage& music, const std::vector<bool>& missing,
                                 std::size_t parts) {
  std::vector<bool> one_line(parts, true);
  std::vector<Steps> ends(parts);
  Steps start;
  for (std::size_t bar = 0; bar < music.bars.size(); start += music.bars[bar++].length) {
    if (missing[bar]) continue;
    for (const GridNote& note : music.bars[bar].notes) {
      if (note.drum) continue;
      if (start + note.onset < ends[note.part]) one_line[note.part] = false;
      ends[note.part] = std::max(ends[note.part], start + note.onset + note.duration);
    }
  }
  return one_line;
}

}  // namespace musicvae::datasets
