#include "midi/score.hpp"

#include <algorithm>
#include <cmath>

namespace musicvae::midi {

std::size_t note_count(const Score& score) {
  std::size_t count = 0;
  for (const Track& track : score.tracks) count += track.notes.size();
  return count;
}

Ticks bar_length_at(const Score& score, Ticks time) {
  const Division& division = score.division;
  if (division.is_smpte()) return Ticks(2 * division.frames_per_second * division.ticks_per_frame);
  Meter meter;
  for (const MeterChange& change : score.meters) {
    if (change.time <= time && change.meter.denominator != 0) meter = change.meter;
  }
  return Ticks(4 * std::int64_t{division.ticks_per_quarter} * meter.numerator / meter.denominator);
}

Ticks end_time(const Score& score) {
  Ticks music, end;
  for (const Track& track : score.tracks) {
    end = std::max(end, track.end);
    for (const Note& note : track.notes) music = std::max(music, note.onset + note.duration);
    for (const ChannelMessage& message : track.messages) music = std::max(music, message.time);
  }
  const bool by_mistake = end - music > bar_length_at(score, music) * kMostSilentBars;
  return by_mistake ? music : std::max(music, end);
}

TempoMap::TempoMap(const Score& score) {
  const Division& division = score.division;
  if (division.is_smpte()) {
    // 29 stands for 30 drop frame: 30000/1001 frames a second.
    const double frames =
        division.frames_per_second == 29 ? 30000.0 / 1001.0 : division.frames_per_second;
    segments_.push_back({Ticks(0), 0.0, 1.0 / (frames * division.ticks_per_frame)});
    return;
  }
  const auto seconds_per_tick = [&](const Tempo& tempo) {
    return tempo.microseconds_per_quarter * 1e-6 / division.ticks_per_quarter;
  };
  segments_.push_back({Ticks(0), 0.0, seconds_per_tick(Tempo{})});
  for (const Tempo& tempo : score.tempos) {
    const double start = seconds(tempo.time).count;
    if (segments_.back().start == tempo.time) segments_.pop_back();
    segments_.push_back({tempo.time, start, seconds_per_tick(tempo)});
  }
}

Seconds TempoMap::seconds(Ticks time) const {
  const auto after = std::upper_bound(segments_.begin(), segments_.end(), time,
                                      [](Ticks t, const Segment& s) { return t < s.start; });
  const Segment& segment = after == segments_.begin() ? *after : *std::prev(after);
  return Seconds(segment.start_seconds +
                 segment.seconds_per_tick * static_cast<double>((time - segment.start).count));
}

Ticks TempoMap::ticks(Seconds time) const {
  const auto after =
      std::upper_bound(segments_.begin(), segments_.end(), time.count,
                       [](double t, const Segment& s) { return t < s.start_seconds; });
  const Segment& segment = after == segments_.begin() ? *after : *std::prev(after);
  return segment.start +
         Ticks(std::llround((time.count - segment.start_seconds) / segment.seconds_per_tick));
}

}  // namespace musicvae::midi
