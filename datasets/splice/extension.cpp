#include "datasets/splice/extension.hpp"

#include <algorithm>
#include <map>
#include <numeric>
#include <string>
#include <utility>

#include "datasets/grid/bar_layout.hpp"
#include "datasets/splice/splice.hpp"

namespace musicvae::datasets {
namespace {

using midi::Ticks;

/// One silent bar like `bar`, of the whole length of its meter.
Bar silent_bar_like(const Bar& bar, const Grid& grid) {
  const auto length = bar_length(grid, bar.meter);
  if (!length) {
    throw DatasetError("bars of " + std::to_string(bar.meter.numerator) + "/" +
                       std::to_string(bar.meter.denominator) +
                       " do not fall on the grid, so none can be added");
  }
  return {bar.meter, *length, {}};
}

void check_length(const Piece& piece, int count) {
  if (static_cast<std::size_t>(count) + piece.music.bars.size() <= std::size_t{kMaxBars}) return;
  throw DatasetError("a piece of " + std::to_string(piece.music.bars.size()) + " bars cannot get " +
                     std::to_string(count) + " more: there may be " + std::to_string(kMaxBars));
}

/// How many bars there are up to the last in which something sounds.
std::size_t sounding_bars(const Passage& music) {
  Steps start(0), end(0);
  for (const Bar& bar : music.bars) {
    for (const GridNote& note : bar.notes) end = std::max(end, start + note.onset + note.duration);
    start = start + bar.length;
  }
  std::size_t bars = 0;
  for (Steps line(0); line < end && bars < music.bars.size(); ++bars) {
    line = line + music.bars[bars].length;
  }
  return bars;
}

Steps length_of(const std::vector<Bar>& bars, std::size_t count) {
  return std::accumulate(bars.begin(), bars.begin() + static_cast<std::ptrdiff_t>(count), Steps(0),
                         [](Steps sum, const Bar& bar) { return sum + bar.length; });
}

/// The tempo that is in force for most ticks up to `end`, and the one in force there.
std::pair<midi::Tempo, midi::Tempo> usual_and_last(const std::vector<midi::Tempo>& tempos,
                                                   Ticks end) {
  std::map<std::uint32_t, Ticks> lasting;
  midi::Tempo now, usual;
  Ticks since(0), longest(0);
  const auto add = [&](Ticks until) {
    Ticks& sum = lasting[now.microseconds_per_quarter];
    sum = sum + (until - since);
    if (sum > longest) {
      longest = sum;
      usual = now;
    }
    since = until;
  };
  for (const midi::Tempo& tempo : midi::in_force(tempos)) {
    if (tempo.time >= end) break;
    add(tempo.time);
    now = tempo;
  }
  add(end);
  return {usual, now};
}

/// The usual tempo from `time` on, unless something else is said there.
void bring_back_tempo(midi::Score& score, Ticks time) {
  const auto [usual, last] = usual_and_last(score.tempos, time);
  const bool stated = std::any_of(score.tempos.begin(), score.tempos.end(),
                                  [&](const midi::Tempo& tempo) { return tempo.time >= time; });
  if (stated || usual.microseconds_per_quarter == last.microseconds_per_quarter) return;
  midi::Tempo tempo = score.tempos.back();
  tempo.time = time;
  tempo.microseconds_per_quarter = usual.microseconds_per_quarter;
  score.tempos.push_back(tempo);
}

/// Whether an event at the very start says what its track or channel is, and not what happens
/// there.
bool is_set_up(const midi::MetaEvent& event) {
  constexpr std::uint8_t kLyric = 0x05, kMarker = 0x06, kCuePoint = 0x07;
  return event.type != kLyric && event.type != kMarker && event.type != kCuePoint;
}

bool is_set_up(const midi::ChannelMessage& message) {
  constexpr std::uint8_t kControl = 0xB0, kSustain = 64, kHold2 = 69;
  if (message.is_program_change()) return true;
  const bool is_control = (message.status & 0xF0) == kControl;
  return is_control && (message.data[0] < kSustain || message.data[0] > kHold2);
}

bool is_set_up(const midi::SysEx&) { return true; }

template <class Event>
void move_events(std::vector<Event>& events, Ticks later) {
  for (Event& event : events) {
    if (event.time > Ticks(0) || !is_set_up(event)) event.time = event.time + later;
  }
  // Those that stay at the start come first, which they need not have done before.
  std::stable_sort(events.begin(), events.end(),
                   [](const Event& a, const Event& b) { return a.time < b.time; });
}

template <class Change>
void move_changes(std::vector<Change>& changes, Ticks later) {
  for (Change& change : changes) {
    if (change.time > Ticks(0)) change.time = change.time + later;
  }
}

/// Has new bars of `meter` come first. The meter of the old start comes with it, if it is another.
void move_meters(std::vector<midi::MeterChange>& meters, const midi::Meter& meter, Ticks later) {
  const auto first = midi::in_force(meters);
  const bool stated = !first.empty() && first.front().time == Ticks(0);
  const bool same = !stated || first.front().meter == meter;
  for (midi::MeterChange& change : meters) {
    if (change.time > Ticks(0) || !same) change.time = change.time + later;
  }
  if (same) return;
  midi::MeterChange start = meters.front();
  start.time = Ticks(0);
  start.meter = meter;
  meters.insert(meters.begin(), start);
}

}  // namespace

Extension with_bars_after(const midi::Score& score, const Piece& piece, int count) {
  const std::size_t known = sounding_bars(piece.music);
  if (known == 0) throw DatasetError("there is no music to go on from");
  Extension extended{fine_enough(score, piece.music.grid), piece, {}};
  auto& bars = extended.piece.music.bars;
  bars.resize(std::max(known, std::min(bars.size(), known + static_cast<std::size_t>(count))));
  check_length(extended.piece, count);
  const Bar more = silent_bar_like(bars.back(), piece.music.grid);
  while (bars.size() < known + static_cast<std::size_t>(count)) bars.push_back(more);
  for (int i = 0; i < count; ++i) extended.bars.push_back(static_cast<int>(known) + i);

  const TickScale scale(extended.score.division.ticks_per_quarter, piece.music.grid);
  bring_back_tempo(extended.score, scale(length_of(bars, known)));
  const Ticks end = scale(length_of(bars, bars.size()));
  for (midi::Track& track : extended.score.tracks) track.end = std::max(track.end, end);
  return extended;
}

Extension with_bars_before(const midi::Score& score, const Piece& piece, int count) {
  if (sounding_bars(piece.music) == 0) throw DatasetError("there is no music to lead into");
  check_length(piece, count);
  Extension extended{fine_enough(score, piece.music.grid), piece, {}};
  auto& bars = extended.piece.music.bars;
  const Bar more = silent_bar_like(bars.front(), piece.music.grid);
  bars.insert(bars.begin(), static_cast<std::size_t>(count), more);
  extended.bars.resize(static_cast<std::size_t>(count));
  std::iota(extended.bars.begin(), extended.bars.end(), 0);

  const TickScale scale(extended.score.division.ticks_per_quarter, piece.music.grid);
  const Ticks later = scale(length_of(bars, static_cast<std::size_t>(count)));
  for (midi::Track& track : extended.score.tracks) {
    for (midi::Note& note : track.notes) note.onset = note.onset + later;
    move_events(track.messages, later);
    move_events(track.metas, later);
    move_events(track.sysex, later);
    track.end = track.end + later;
  }
  move_changes(extended.score.tempos, later);
  move_changes(extended.score.keys, later);
  move_meters(extended.score.meters, more.meter, later);
  return extended;
}

}  // namespace musicvae::datasets
