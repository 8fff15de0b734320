#include "src/music/score_joining.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <utility>

#include "datasets/grid/bar_layout.hpp"

namespace musicvae {
namespace {

using datasets::Passage;
using midi::Ticks;

constexpr std::uint8_t kMarker = 0x06;
constexpr double kMostMicroseconds = 0xFF'FFFF;  // That a file can state of a quarter.

/// Changes in bars at `from` as they come in bars at `to`, which are the same bar by bar and begin
/// again where the former end. What is in force at a bar's start is stated there, if it was not.
template <class Change>
std::vector<Change> lay_over(const std::vector<Change>& changes, const BarTicks& from,
                             const BarTicks& to) {
  std::vector<Change> laid;
  if (from.size() < 2) return laid;
  const auto state = [&laid](Change change, Ticks time) {
    if (!laid.empty()) change.time = laid.back().time;
    if (!laid.empty() && laid.back() == change) return;
    change.time = time;
    laid.push_back(change);
  };
  for (std::size_t bar = 0; bar + 1 < to.size(); ++bar) {
    const std::size_t same = bar % (from.size() - 1);
    const Ticks start = from[same], length = from[same + 1] - start;
    const std::int64_t new_length = (to[bar + 1] - to[bar]).count;
    auto next = std::upper_bound(changes.begin(), changes.end(), start,
                                 [](Ticks t, const Change& change) { return t < change.time; });
    if (next != changes.begin()) state(*(next - 1), to[bar]);
    for (; next != changes.end() && next->time < start + length; ++next) {
      state(*next, to[bar] + Ticks((next->time - start).count * new_length / length.count));
    }
  }
  return laid;
}

template <class Change>
void add_changes(const std::vector<Change>& changes, Ticks start, Ticks length,
                 std::vector<Change>& joined) {
  for (Change change : changes) {
    if (change.time >= length) continue;
    change.time += start;
    joined.push_back(change);
  }
}

bool share_track(const datasets::Part& a, const datasets::Part& b) {
  return a.name == b.name && a.channel == b.channel && a.port == b.port;
}

}  // namespace

BarTicks bar_ticks(const Passage& music, int ticks_per_quarter) {
  const datasets::TickScale scale(ticks_per_quarter, music.grid);
  BarTicks lines{Ticks(0)};
  datasets::Steps time;
  for (const datasets::Bar& bar : music.bars) lines.push_back(scale(time += bar.length));
  return lines;
}

BarTicks bar_ticks(const Source& source) {
  return bar_ticks(source.piece.music, source.file.score.division.ticks_per_quarter);
}

std::vector<midi::Tempo> tempos_over(const Source& source, const BarTicks& to) {
  std::vector<midi::Tempo> tempos = midi::in_force(source.file.score.tempos);
  if (tempos.empty() || tempos.front().time > Ticks(0)) tempos.emplace(tempos.begin());
  return lay_over(tempos, bar_ticks(source), to);
}

std::vector<midi::KeyChange> keys_over(const Source& source, const BarTicks& to) {
  return lay_over(midi::in_force(source.file.score.keys), bar_ticks(source), to);
}

midi::Tempo tempo_at(Ticks time, double microseconds_per_quarter) {
  const double stated = std::clamp(std::round(microseconds_per_quarter), 1.0, kMostMicroseconds);
  return {time, static_cast<std::uint32_t>(stated), {}};
}

int common_resolution(std::span<const Source* const> sources) {
  std::int64_t all = 1;
  for (const Source* source : sources) {
    all = std::lcm(all, std::int64_t{source->style.ticks_per_quarter});
    if (all > datasets::kMaxTicksPerQuarter) return sources.front()->style.ticks_per_quarter;
  }
  return static_cast<int>(all);
}

ScoreJoiner::ScoreJoiner(int ticks_per_quarter) {
  joined_.division.ticks_per_quarter = ticks_per_quarter;
}

void ScoreJoiner::add(const midi::Score& score, const std::vector<datasets::Part>& parts,
                      const std::string& marker, Ticks length, bool is_last) {
  const Ticks end = is_last ? midi::end_time(score) : length;
  add_changes(score.tempos, start_, length, joined_.tempos);
  add_changes(score.meters, start_, length, joined_.meters);
  add_changes(score.keys, start_, length, joined_.keys);
  const auto tracks = tracks_for(parts, score.tracks);
  if (!marker.empty()) joined_.tracks.front().metas.push_back({start_, kMarker, marker});
  for (std::size_t i = 0; i < score.tracks.size(); ++i) {
    add_track(score.tracks[i], end, joined_.tracks[tracks[i]]);
  }
  start_ += length;
}

midi::Score ScoreJoiner::take() {
  for (midi::Track& track : joined_.tracks) track.end = std::max(track.end, start_);
  return std::move(joined_);
}

/// The joined tracks of `added`, the first of which are `parts`. New ones get their names.
std::vector<std::size_t> ScoreJoiner::tracks_for(const std::vector<datasets::Part>& parts,
                                                 const std::vector<midi::Track>& added) {
  std::vector<std::size_t> tracks;
  std::vector<bool> taken(parts_.size());
  for (std::size_t i = 0; i < added.size(); ++i) {
    const datasets::Part part = i < parts.size() ? parts[i] : datasets::Part{};
    std::size_t track = 0;
    while (track < taken.size() && (taken[track] || !share_track(parts_[track], part))) ++track;
    if (track == parts_.size()) {
      parts_.push_back(part);
      joined_.tracks.emplace_back().metas = added[i].metas;
      taken.push_back(false);
    }
    taken[track] = true;
    tracks.push_back(track);
  }
  return tracks;
}

void ScoreJoiner::add_track(const midi::Track& track, Ticks end, midi::Track& joined) {
  for (midi::ChannelMessage message : track.messages) {
    message.time += start_;
    joined.messages.push_back(message);
  }
  for (midi::SysEx message : track.sysex) {
    message.time += start_;
    joined.sysex.push_back(message);
  }
  for (midi::Note note : track.notes) {
    midi::end_by(note, end);
    note.onset += start_;
    joined.notes.push_back(note);
    joined.end = std::max(joined.end, note.onset + note.duration);
  }
}

}  // namespace musicvae
