#include "midi/live/recording.hpp"

#include <algorithm>
#include <cmath>

namespace musicvae::midi {
namespace {

constexpr int kTicksPerQuarter = kRecordedTicksPerQuarter;
/// A musician may be this early at the first beat.
constexpr Ticks kEarly{kTicksPerQuarter / 4};
/// Tempos that differ by less are one, because clocks arrive in the cycles of what carries them.
constexpr double kTempoTolerance = 0.01;
constexpr double kMaxMicroseconds = 0xFFFFFF;

std::uint32_t microseconds(double seconds_per_quarter) {
  return static_cast<std::uint32_t>(
      std::lround(std::clamp(seconds_per_quarter * 1e6, 1.0, kMaxMicroseconds)));
}

Ticks to_ticks(double quarters) { return Ticks(std::llround(quarters * kTicksPerQuarter)); }

}  // namespace

Ticks Recording::bar_length() const {
  return Ticks(4 * kTicksPerQuarter * options_.meter.numerator / options_.meter.denominator);
}

void Recording::start(LiveClock::time_point time) {
  zero_ = time;
  clock_zero_ = beat_.quarters(time);
}

std::optional<Ticks> Recording::position(LiveClock::time_point time) const {
  if (clock_zero_) {
    if (const auto quarters = beat_.quarters(time)) return to_ticks(*quarters - *clock_zero_);
  }
  if (!zero_) return std::nullopt;
  const double seconds = std::chrono::duration<double>(time - *zero_).count();
  return to_ticks(seconds * options_.quarters_per_minute / 60);
}

Ticks Recording::end(LiveClock::time_point time) const {
  return std::max(position(time).value_or(Ticks(0)), last_ + Ticks(1));
}

void Recording::add(const TimedMessage& message) {
  const ShortMessage& short_message = message.message;
  if (!short_message.is_channel_message()) return add_time(message);
  const auto [status, first, second] = short_message.bytes;
  const std::uint8_t channel = short_message.channel();
  if (short_message.is_note_on() && !zero_ && !clock_zero_) start(message.time);
  const Ticks time = position(message.time).value_or(Ticks(0));
  last_ = std::max(last_, time);
  if (short_message.is_note_on()) {
    if (time >= Ticks(0) - kEarly)
      pairing_.press(track_.notes, order_, last_, channel, first, second);
  } else if (short_message.is_note_off()) {
    const std::uint8_t velocity = (status & 0xF0) == 0x90 ? kNoRelease : second;
    pairing_.release(track_.notes, order_, last_, channel, first, velocity);
  } else {
    const TickPlace place = order_.place(last_, EventKind::kMessage);
    track_.messages.push_back({last_, status, {first, second}, place});
  }
}

void Recording::add_time(const TimedMessage& message) {
  const std::uint8_t status = message.message.status();
  if (status == kClockStart && track_.notes.empty()) {
    beat_.add(message);
    zero_.reset();
    clock_zero_ = 0.0;
    tempos_.clear();
    next_tempo_ = Ticks(kTicksPerQuarter);
  } else if (status == kTimingClock) {
    const auto before = position(message.time);
    beat_.add(message);
    if (!clock_zero_ && before && *before >= Ticks(0)) follow_clock_from(*before, message.time);
    if (clock_zero_) add_tempo(message.time);
  }
}

/// A clock that begins in the middle of a recording goes on from where the recording is. One that
/// runs before tick 0, while a count-in is played at another tempo, takes over at tick 0.
void Recording::follow_clock_from(Ticks position, LiveClock::time_point time) {
  const auto quarters = beat_.quarters(time);
  if (!quarters) return;
  clock_zero_ = *quarters - static_cast<double>(position.count) / kTicksPerQuarter;
  const double expected = 60 / options_.quarters_per_minute;
  const double seconds = expected * static_cast<double>(position.count) / kTicksPerQuarter;
  const double clocked = *beat_.seconds_per_quarter();
  const bool from_start = seconds <= clocked / kClocksPerQuarter;
  tempos_ = {{Ticks(0), microseconds(from_start ? clocked : expected)}};
  next_tempo_ = position + Ticks(kTicksPerQuarter + 1);  // After tick 0, which has a tempo.
}

/// The tempo of a quarter is known at its end.
void Recording::add_tempo(LiveClock::time_point time) {
  const auto now = position(time);
  const auto seconds = beat_.seconds_per_quarter();
  if (!now || !seconds || *now < next_tempo_) return;
  const double before = tempos_.empty() ? 0 : tempos_.back().microseconds_per_quarter * 1e-6;
  if (std::abs(*seconds - before) > kTempoTolerance * before)
    tempos_.push_back({next_tempo_ - Ticks(kTicksPerQuarter), microseconds(*seconds)});
  next_tempo_ = *now + Ticks(kTicksPerQuarter);
}

Score Recording::score(Ticks end) const {
  Track track = track_;
  NotePairing pairing = pairing_;
  TickOrder order = order_;
  pairing.release_all(track.notes, order, std::max(end, last_));
  std::erase_if(track.notes, [&](const Note& note) { return note.onset >= end; });
  for (Note& note : track.notes) end_by(note, end);
  std::erase_if(track.messages, [&](const ChannelMessage& m) { return m.time >= end; });
  sort_chords(track.notes);
  track.end = end;
  Score score;
  score.division.ticks_per_quarter = kTicksPerQuarter;
  score.tracks = {std::move(track)};
  score.tempos = tempos_;
  if (score.tempos.empty()) {
    score.tempos = {{Ticks(0), microseconds(60 / options_.quarters_per_minute)}};
  }
  score.meters = {{Ticks(0), options_.meter}};
  return score;
}

}  // namespace musicvae::midi
