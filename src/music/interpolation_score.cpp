#include <algorithm>
#include <cmath>
#include <cstdio>
#include <numeric>

#include "datasets/grid/bar_layout.hpp"
#include "src/music/musicvae.hpp"

namespace musicvae {
namespace {

using datasets::Passage;
using midi::Ticks;

constexpr std::uint8_t kMarker = 0x06;
constexpr double kMostMicroseconds = 0xFF'FFFF;  // That a file can state of a quarter.

/// The starts of all bars, and the end of the last.
using BarTicks = std::vector<Ticks>;

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

/// The tempos of a piece in bars at `to`, from the start on.
std::vector<midi::Tempo> tempos_over(const Source& source, const BarTicks& to) {
  std::vector<midi::Tempo> tempos = midi::in_force(source.file.score.tempos);
  if (tempos.empty() || tempos.front().time > Ticks(0)) tempos.emplace(tempos.begin());
  return lay_over(tempos, bar_ticks(source), to);
}

/// A tempo between two, in quarters a minute.
midi::Tempo between(const midi::Tempo& a, const midi::Tempo& b, double t) {
  const auto rate = [](const midi::Tempo& tempo) {
    return 1.0 / std::max(tempo.microseconds_per_quarter, 1U);
  };
  const double microseconds = 1.0 / ((1 - t) * rate(a) + t * rate(b));
  const double stated = std::clamp(std::round(microseconds), 1.0, kMostMicroseconds);
  return {std::max(a.time, b.time), static_cast<std::uint32_t>(stated), {}};
}

/// Both lists begin at once.
std::vector<midi::Tempo> mix(const std::vector<midi::Tempo>& a, const std::vector<midi::Tempo>& b,
                             double t) {
  std::vector<midi::Tempo> mixed;
  for (std::size_t i = 0, j = 0; i < a.size() && j < b.size();) {
    const midi::Tempo tempo = between(a[i], b[j], t);
    const bool is_new =
        mixed.empty() || mixed.back().microseconds_per_quarter != tempo.microseconds_per_quarter;
    if (is_new) mixed.push_back(tempo);
    const bool last_a = i + 1 == a.size(), last_b = j + 1 == b.size();
    const bool a_next = last_b || (!last_a && a[i + 1].time <= b[j + 1].time);
    const bool b_next = last_a || (!last_b && b[j + 1].time <= a[i + 1].time);
    i += a_next;
    j += b_next;
  }
  return mixed;
}

const Source& nearer(const InterpolationStep& step, const Source& a, const Source& b) {
  return step.t < 0.5 ? a : b;
}

/// A resolution that holds those of both, if a file can state it.
int common_resolution(const Source& a, const Source& b) {
  const auto both = std::lcm(std::int64_t{a.style.ticks_per_quarter}, b.style.ticks_per_quarter);
  return both <= datasets::kMaxTicksPerQuarter ? int(both) : a.style.ticks_per_quarter;
}

std::string marker_text(std::size_t step, std::size_t steps, double t) {
  char text[64];
  std::snprintf(text, sizeof text, "step %zu of %zu, t = %.2f", step + 1, steps, t);
  return text;
}

/// Appends scores to one that begins where the last ends.
class ScoreJoiner {
 public:
  explicit ScoreJoiner(int ticks) { joined_.division.ticks_per_quarter = ticks; }

  /// Adds `score`, whose first tracks are `parts` and whose bars are so long. Notes that sound past
  /// them are cut if another score follows.
  void add(const midi::Score& score, const std::vector<datasets::Part>& parts,
           const std::string& marker, Ticks length, bool is_last) {
    const Ticks end = is_last ? midi::end_time(score) : length;
    add_changes(score.tempos, length, joined_.tempos);
    add_changes(score.meters, length, joined_.meters);
    add_changes(score.keys, length, joined_.keys);
    const auto tracks = tracks_for(parts, score.tracks);
    joined_.tracks.front().metas.push_back({start_, kMarker, marker});
    for (std::size_t i = 0; i < score.tracks.size(); ++i) {
      add_track(score.tracks[i], end, joined_.tracks[tracks[i]]);
    }
    start_ += length;
  }

  midi::Score take() {
    for (midi::Track& track : joined_.tracks) track.end = std::max(track.end, start_);
    return std::move(joined_);
  }

 private:
  template <class Change>
  void add_changes(const std::vector<Change>& changes, Ticks length, std::vector<Change>& joined) {
    for (Change change : changes) {
      if (change.time >= length) continue;
      change.time += start_;
      joined.push_back(change);
    }
  }

  /// The joined tracks of `added`, the first of which are `parts`. New ones get their names.
  std::vector<std::size_t> tracks_for(const std::vector<datasets::Part>& parts,
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

  static bool share_track(const datasets::Part& a, const datasets::Part& b) {
    return a.name == b.name && a.channel == b.channel && a.port == b.port;
  }

  void add_track(const midi::Track& track, Ticks end, midi::Track& joined) {
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

  midi::Score joined_;
  std::vector<datasets::Part> parts_;  // Of the joined tracks.
  Ticks start_;                        // Of the score to come.
};

/// A step in the given resolution.
midi::Score score_in(int ticks, const InterpolationStep& step, const Source& a, const Source& b) {
  const Source& near = nearer(step, a, b);
  const BarTicks to = bar_ticks(step.music, ticks);
  datasets::ScoreStyle style = near.style;
  style.ticks_per_quarter = ticks;
  style.tempos = mix(tempos_over(a, to), tempos_over(b, to), step.t);
  style.keys = lay_over(midi::in_force(near.file.score.keys), bar_ticks(near), to);
  return datasets::to_score(datasets::cast_parts(step.music, near.piece), style);
}

}  // namespace

midi::Score score_of_step(const InterpolationStep& step, const Source& a, const Source& b) {
  return score_in(common_resolution(a, b), step, a, b);
}

midi::Score join_steps(std::span<const InterpolationStep> steps, const Source& a, const Source& b) {
  const int ticks = common_resolution(a, b);
  ScoreJoiner joiner(ticks);
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const auto& step = steps[i];
    joiner.add(score_in(ticks, step, a, b), nearer(step, a, b).style.parts,
               marker_text(i, steps.size(), step.t), bar_ticks(step.music, ticks).back(),
               i + 1 == steps.size());
  }
  return joiner.take();
}

}  // namespace musicvae
