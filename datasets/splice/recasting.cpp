#include "datasets/splice/recasting.hpp"

#include <algorithm>
#include <cstdlib>

#include "datasets/splice/players.hpp"

namespace musicvae::datasets {
namespace {

constexpr int kBarsAround = 4;          // Bars to learn velocities from on each side of a bar.
constexpr int kLineBars = 1;            // Bars on each side whose lines its notes continue.
constexpr double kCostOfQuarter = 3.0;  // Semitones that a quarter between notes counts for.

/// Casts bars one after the other.
class BarCaster {
 public:
  explicit BarCaster(const Piece& piece)
      : bars_(piece.music.bars),
        cost_of_step_(kCostOfQuarter / piece.music.grid.steps_per_quarter),
        one_line_(one_line_parts(piece.music, std::vector<bool>(bars_.size()), piece.parts.size())),
        busy_until_(piece.parts.size()) {
    for (std::size_t bar = 0; bar < bars_.size(); ++bar) {
      const auto& notes = bars_[bar].notes;
      if (std::any_of(notes.begin(), notes.end(), [](const GridNote& note) { return !note.drum; }))
        busy_bars_.push_back(static_cast<int>(bar));
    }
  }

  bool has_parts() const { return !busy_bars_.empty(); }

  /// `bar`, the next of the music, cast as bar `index` of the piece.
  Bar cast(const Bar& bar, int index) {
    Bar result{bar.meter, bar.length, {}};
    std::vector<GridNote> pitched;
    for (const GridNote& note : bar.notes) (note.drum ? result.notes : pitched).push_back(note);
    sort_by_onset(pitched);
    if (!pitched.empty()) {
      std::vector<PartPlayer> players = find_players(nearest_busy_bar(index));
      cast_bar(pitched, Steps(0), known_notes(index), players, result.notes);
      for (const PartPlayer& player : players)
        busy_until_[player.part] = start_ + player.busy_until;
    }
    sort_by_onset(result.notes);
    start_ += bar.length;
    return result;
  }

 private:
  /// `bar` if its lines play, else the nearest bar that has notes.
  int nearest_busy_bar(int bar) const {
    const auto after = std::lower_bound(busy_bars_.begin(), busy_bars_.end(), bar);
    int nearest = after == busy_bars_.end() ? busy_bars_.back() : *after;
    if (after != busy_bars_.begin() && bar - *(after - 1) < std::abs(nearest - bar))
      nearest = *(after - 1);
    return std::abs(nearest - bar) <= kLineBars ? bar : nearest;
  }

  /// The parts that play around a bar, with onsets of their lines from its start.
  std::vector<PartPlayer> find_players(int centre) const {
    const int first = std::max(centre - kBarsAround, 0);
    const int end = std::min(centre + kBarsAround + 1, static_cast<int>(bars_.size()));
    std::map<std::uint16_t, std::vector<HeardNote>> notes;
    std::map<std::uint16_t, std::vector<GridNote>> lines;
    Steps start;
    for (int bar = first; bar < centre; ++bar) start -= bars_[std::size_t(bar)].length;
    for (int bar = first; bar < end; start += bars_[std::size_t(bar++)].length) {
      const int away = std::abs(bar - centre);
      for (GridNote note : bars_[std::size_t(bar)].notes) {
        if (note.drum) continue;
        notes[note.part].push_back({note, away});
        note.onset += start;
        if (away <= kLineBars) lines[note.part].push_back(note);
      }
    }
    std::vector<PartPlayer> players;
    for (auto& [part, line] : lines) {
      players.push_back(make_player(part, one_line_[part], std::move(notes[part])));
      players.back().busy_until = busy_until_[part] - start_;
      players.back().line = std::move(line);
      players.back().cost_of_step = cost_of_step_;
    }
    sort_by_pitch(players);
    return players;
  }

  KnownNotes known_notes(int bar) const {
    KnownNotes known;
    for (const GridNote& note : bars_[std::size_t(bar)].notes) {
      if (!note.drum) known.try_emplace({note.onset, note.pitch}, note);
    }
    return known;
  }

  const std::vector<Bar>& bars_;
  double cost_of_step_;
  std::vector<bool> one_line_;     // By part.
  std::vector<int> busy_bars_;     // Those with pitched notes.
  Steps start_;                    // Of the bar to cast, from the start of the music.
  std::vector<Steps> busy_until_;  // By part, from the start of the music.
};

}  // namespace

Passage cast_parts(const Passage& music, const Piece& piece) {
  BarCaster caster(piece);
  if (!caster.has_parts()) return music;
  Passage cast{music.grid, {}};
  cast.bars.reserve(music.bars.size());
  for (std::size_t bar = 0; bar < music.bars.size(); ++bar) {
    cast.bars.push_back(
        caster.cast(music.bars[bar], static_cast<int>(bar % piece.music.bars.size())));
  }
  return cast;
}

}  // namespace musicvae::datasets
