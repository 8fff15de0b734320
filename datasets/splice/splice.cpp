#include "datasets/splice/splice.hpp"

#include <algorithm>
#include <functional>
#include <iterator>
#include <map>
#include <optional>
#include <set>
#include <tuple>
#include <utility>

#include "datasets/grid/bar_layout.hpp"
#include "datasets/grid/part_places.hpp"
#include "datasets/splice/casting.hpp"
#include "datasets/splice/players.hpp"
#include "datasets/splice/ties.hpp"
#include "midi/finer_ticks.hpp"

namespace musicvae::datasets {
namespace {

void check(bool holds, const char* expected) {
  if (!holds) throw DatasetError(std::string("bars cannot be replaced: expected ") + expected);
}

void check_fill(const Piece& piece, const std::vector<int>& bars, const Passage& filled,
                const std::vector<std::uint16_t>& parts) {
  const auto& known = piece.music.bars;
  check(filled.bars.size() == known.size(), "a fill with as many bars as the piece");
  check(std::is_sorted(bars.begin(), bars.end()) && std::is_sorted(parts.begin(), parts.end()),
        "bars and parts in order");
  check(bars.empty() || (bars.front() >= 0 && bars.back() < int(known.size())),
        "bars of the piece");
  check(!parts.empty() && parts.back() < piece.parts.size(), "parts of the piece");
  for (const int bar : bars) {
    check(filled.bars[std::size_t(bar)].length == known[std::size_t(bar)].length,
          "bars of the piece's lengths");
  }
}

std::vector<bool> marked(const std::vector<int>& bars, std::size_t count) {
  std::vector<bool> marks(count);
  for (const int bar : bars) marks[std::size_t(bar)] = true;
  return marks;
}

Filling describe_filling(const Piece& piece, const std::vector<int>& bars,
                         const std::vector<std::uint16_t>& parts) {
  Filling filling{piece.music, marked(bars, piece.music.bars.size()), parts, {}};
  filling.one_line = one_line_parts(piece.music, filling.missing, piece.parts.size());
  return filling;
}

Passage in_one_part(Passage music) {
  for (Bar& bar : music.bars) {
    for (GridNote& note : bar.notes) note.part = 0;
  }
  return music;
}

Lines find_lines(const Filling& filling, const Passage& filled) {
  const bool all_one = one_line_parts(in_one_part(filled), filling.missing, 1).front();
  Lines lines{std::vector<int>(filling.one_line.size(), Lines::kNotFilled)};
  for (const std::uint16_t part : filling.parts) {
    const int own = filling.one_line[part] ? part : Lines::kPolyphonic;
    lines.of_part[part] = all_one ? 0 : own;
  }
  return lines;
}

bool lies_in(const std::vector<Gap>& gaps, Steps onset) {
  const auto next = std::upper_bound(gaps.begin(), gaps.end(), onset,
                                     [](Steps a, const Gap& b) { return a < b.start; });
  return next != gaps.begin() && onset < (next - 1)->stop;
}

/// The score's notes, told apart by whether the fill replaces them.
SplicedNotes split_notes(const midi::Score& score, const PartPlaces& places, const Filling& filling,
                         const std::vector<Gap>& gaps) {
  SplicedNotes notes;
  for (std::size_t track = 0; track < score.tracks.size(); ++track) {
    for (const midi::Note& note : score.tracks[track].notes) {
      const Steps onset =
          nearest_step(note.onset, score.division.ticks_per_quarter, filling.music.grid);
      const std::uint16_t part = places.part_of(track, note);
      const bool is_filled = std::binary_search(filling.parts.begin(), filling.parts.end(), part);
      auto& list = is_filled && lies_in(gaps, onset) ? notes.removed : notes.kept;
      list.push_back({note, track, part, onset});
    }
  }
  return notes;
}

ScoreNote to_score_note(const GridNote& note, const PartPlace& place, const TickScale& scale) {
  ScoreNote result{{}, place.track, note.part, note.onset};
  result.note.onset = scale(note.onset);
  result.note.duration =
      std::max(scale(note.onset + note.duration) - result.note.onset, midi::Ticks(1));
  result.note.channel = place.channel;
  result.note.pitch = note.pitch;
  result.note.velocity = note.velocity;
  return result;
}

/// Lets notes of the fill begin after the kept notes that end their pitch at the same tick.
void follow_ends(SplicedNotes& notes) {
  const auto key = [](const ScoreNote& note, midi::Ticks time) {
    return std::tuple(note.track, note.note.channel, note.note.pitch, time);
  };
  std::map<decltype(key(ScoreNote(), midi::Ticks())), midi::TickPlace> ends;
  for (const ScoreNote& kept : notes.kept) {
    midi::TickPlace& place = ends[key(kept, kept.end())];
    place = std::max(place, kept.note.end_place);
  }
  for (ScoreNote& fill : notes.fill) {
    const auto end = ends.find(key(fill, fill.note.onset));
    if (end != ends.end()) fill.note.onset_place = end->second;
  }
}

/// The part itself, where its track is on its port at `time`. Otherwise the part of `parts` that is
/// there and most like it: in the same track and on the same channel if possible. Nothing where no
/// part is.
std::optional<std::uint16_t> on_port(std::uint16_t part, midi::Ticks time,
                                     const std::vector<std::uint16_t>& parts,
                                     const PartPlaces& places) {
  if (places.is_on_port(part, time)) return part;
  const auto likeness = [&](std::uint16_t other) {
    const PartPlace &a = places.all()[part], &b = places.all()[other];
    return std::pair(a.track == b.track, a.channel == b.channel);
  };
  std::optional<std::uint16_t> best;
  for (const std::uint16_t other : parts) {
    if (!places.is_on_port(other, time)) continue;
    if (!best || likeness(other) > likeness(*best)) best = other;
  }
  return best;
}

/// The fills of all gaps, on the grid.
std::vector<ScoreNote> on_grid(const Filling& filling, const std::vector<Gap>& gaps,
                               const Passage& filled, const PartPlaces& places,
                               const TickScale& scale) {
  std::vector<ScoreNote> fill;
  for (const Gap& gap : gaps) {
    for (GridNote note : cast_fill(filling, gap, filled)) {
      const auto part = on_port(note.part, scale(note.onset), filling.parts, places);
      if (!part) continue;
      note.part = *part;
      fill.push_back(to_score_note(note, places.all()[note.part], scale));
    }
  }
  return fill;
}

/// Pitches by step, from the start of the piece; the highest first.
using StepPitches = std::map<Steps, std::set<std::uint8_t, std::greater<>>>;

StepPitches pitches_of(const std::vector<Gap>& gaps, const Passage& filled) {
  StepPitches pitches;
  for (const Gap& gap : gaps) {
    Steps start = gap.start;
    for (int bar = gap.first; bar < gap.end; ++bar) {
      for (const GridNote& note : filled.bars[std::size_t(bar)].notes) {
        if (!note.drum) pitches[start + note.onset].insert(note.pitch);
      }
      start += filled.bars[std::size_t(bar)].length;
    }
  }
  return pitches;
}

/// The step with pitches, of at least one, that is nearest to `step`; of two the later.
Steps nearest_struck(const StepPitches& pitches, Steps step) {
  const auto after = pitches.lower_bound(step);
  if (after == pitches.begin()) return after->first;
  const auto before = std::prev(after);
  if (after == pitches.end()) return before->first;
  return after->first - step <= step - before->first ? after->first : before->first;
}

/// Gives the notes these pitches, the highest that of the highest.
void change_pitches(std::vector<ScoreNote>& notes, std::set<std::uint8_t, std::greater<>> pitches) {
  std::stable_sort(notes.begin(), notes.end(), [](const ScoreNote& a, const ScoreNote& b) {
    return a.note.pitch > b.note.pitch;
  });
  std::uint8_t old = notes.front().note.pitch;
  for (ScoreNote& note : notes) {
    if (note.note.pitch != old && pitches.size() > 1) pitches.erase(pitches.begin());
    old = std::exchange(note.note.pitch, *pitches.begin());
  }
}

/// The replaced notes with the fill's pitches, as FillTiming::kAsReplaced says.
std::vector<ScoreNote> as_replaced(const std::vector<ScoreNote>& replaced,
                                   const std::vector<Gap>& gaps, const Passage& filled) {
  const StepPitches pitches = pitches_of(gaps, filled);
  if (pitches.empty()) return {};
  std::map<Steps, std::vector<ScoreNote>> struck;
  for (const ScoreNote& note : replaced)
    struck[nearest_struck(pitches, note.onset)].push_back(note);
  std::vector<ScoreNote> fill;
  for (auto& [step, notes] : struck) {
    change_pitches(notes, pitches.at(step));
    fill.insert(fill.end(), notes.begin(), notes.end());
  }
  return fill;
}

std::size_t count_notes(const Passage& filled, const std::vector<int>& bars) {
  std::size_t notes = 0;
  for (const int bar : bars) notes += filled.bars[std::size_t(bar)].notes.size();
  return notes;
}

std::vector<TickGap> in_ticks(const std::vector<Gap>& gaps, const TickScale& scale) {
  std::vector<TickGap> tick_gaps;
  for (const Gap& gap : gaps) tick_gaps.push_back({gap.start, scale(gap.stop)});
  return tick_gaps;
}

/// `score` with these notes instead of its own.
midi::Score with_notes(midi::Score score, const SplicedNotes& notes) {
  for (midi::Track& track : score.tracks) track.notes.clear();
  for (const ScoreNote& note : notes.kept) score.tracks[note.track].notes.push_back(note.note);
  for (const ScoreNote& note : notes.fill) {
    midi::Track& track = score.tracks[note.track];
    track.notes.push_back(note.note);
    track.end = std::max(track.end, note.end());
  }
  for (midi::Track& track : score.tracks) {
    std::stable_sort(
        track.notes.begin(), track.notes.end(), [](const midi::Note& a, const midi::Note& b) {
          return std::tie(a.onset, a.channel, a.pitch) < std::tie(b.onset, b.channel, b.pitch);
        });
  }
  return score;
}

}  // namespace

std::vector<std::uint16_t> pitched_parts(const Piece& piece) {
  std::vector<std::uint16_t> parts;
  for (std::size_t part = 0; part < piece.parts.size(); ++part) {
    if (!piece.parts[part].drums) parts.push_back(static_cast<std::uint16_t>(part));
  }
  return parts;
}

Passage only_parts(Passage music, const std::vector<std::uint16_t>& parts) {
  for (Bar& bar : music.bars) {
    std::erase_if(bar.notes, [&](const GridNote& note) {
      return !std::binary_search(parts.begin(), parts.end(), note.part);
    });
  }
  return music;
}

midi::Score fine_enough(const midi::Score& score, const Grid& grid) {
  const int ticks = score.division.ticks_per_quarter;
  if (ticks <= 0 || ticks >= grid.steps_per_quarter) return score;
  return midi::with_finer_ticks(score, resolution_for(ticks, grid) / ticks);
}

Splice replace_bars(const midi::Score& original, const Piece& piece, const std::vector<int>& bars,
                    const Passage& filled, const std::vector<std::uint16_t>& parts,
                    FillTiming timing) {
  check_fill(piece, bars, filled, parts);
  const Filling filling = describe_filling(piece, bars, parts);
  const std::vector<Gap> gaps = find_gaps(piece.music, filling.missing);
  const midi::Score score = fine_enough(original, piece.music.grid);
  const PartPlaces places(score);
  check(places.all().size() == piece.parts.size(), "the score that the piece was made of");
  const TickScale scale(score.division.ticks_per_quarter, piece.music.grid);

  SplicedNotes notes = split_notes(score, places, filling, gaps);
  const bool is_new = timing == FillTiming::kOnGrid;
  const std::size_t wanted = is_new ? count_notes(filled, bars) : notes.removed.size();
  notes.fill = is_new ? on_grid(filling, gaps, filled, places, scale)
                      : as_replaced(notes.removed, gaps, filled);
  resolve_repeats(notes);
  if (is_new) resolve_lines(notes, in_ticks(gaps, scale), find_lines(filling, filled));
  follow_ends(notes);
  return {with_notes(score, notes), notes.fill.size(), wanted - notes.fill.size()};
}

}  // namespace musicvae::datasets
