#include "src/sound/fluidsynth_clock.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>

namespace musicvae {
namespace {

constexpr std::int64_t kBlock = 64;  // Frames.

/// Whether the player can count the score's ticks at all.
bool is_countable(const midi::Score& score) {
  return !score.division.is_smpte() && score.division.ticks_per_quarter > 0 &&
         std::all_of(score.tempos.begin(), score.tempos.end(),
                     [](const midi::Tempo& tempo) { return tempo.microseconds_per_quarter > 0; });
}

/// The furthest that any note or message is moved.
midi::Seconds most_moved(const midi::Score& score, const FluidSynthClock& clock) {
  const midi::TempoMap tempos(score);
  midi::Seconds most;
  const auto compare = [&](midi::Ticks time) {
    const double moved = (clock(time) - tempos.seconds(time)).count;
    most = std::max(most, midi::Seconds(std::abs(moved)));
  };
  for (const midi::Track& track : score.tracks) {
    for (const midi::Note& note : track.notes) {
      compare(note.onset);
      compare(note.onset + note.duration);
    }
    for (const midi::ChannelMessage& message : track.messages) compare(message.time);
  }
  return most;
}

}  // namespace

FluidSynthClock::FluidSynthClock(const midi::Score& score, int sample_rate)
    : ticks_per_quarter_(score.division.ticks_per_quarter), sample_rate_(sample_rate) {
  spans_.push_back({0, 0, milliseconds_a_tick({})});
  for (const midi::Tempo& tempo : score.tempos) change_tempo(tempo);
}

midi::Seconds FluidSynthClock::operator()(midi::Ticks time) const {
  const std::int64_t heard = block_of(time.count) + 1;
  return midi::Seconds(static_cast<double>(heard * kBlock) / sample_rate_);
}

void FluidSynthClock::change_tempo(const midi::Tempo& tempo) {
  const std::int64_t block = block_of(tempo.time.count);
  const std::int64_t tick = tick_of(block, spans_.back());
  if (tick == spans_.back().tick) spans_.pop_back();
  spans_.push_back({tick, millisecond_of(block), milliseconds_a_tick(tempo)});
}

/// In single precision, as the player has it.
double FluidSynthClock::milliseconds_a_tick(const midi::Tempo& tempo) const {
  return static_cast<float>(tempo.microseconds_per_quarter) /
         static_cast<float>(ticks_per_quarter_) / 1000.0F;
}

std::int64_t FluidSynthClock::millisecond_of(std::int64_t block) const {
  return static_cast<std::int64_t>(1000.0 * static_cast<double>(block * kBlock) / sample_rate_);
}

std::int64_t FluidSynthClock::tick_of(std::int64_t block, const Span& span) const {
  const auto passed = static_cast<double>(millisecond_of(block) - span.millisecond);
  return span.tick + static_cast<std::int64_t>(passed / span.tick_milliseconds + 0.5);
}

std::int64_t FluidSynthClock::block_of(std::int64_t tick) const {
  const auto later =
      std::lower_bound(spans_.begin(), spans_.end(), tick,
                       [](const Span& span, std::int64_t value) { return span.tick < value; });
  const Span& span = later == spans_.begin() ? *later : *std::prev(later);
  const double due = static_cast<double>(span.millisecond) +
                     (static_cast<double>(tick - span.tick) - 0.5) * span.tick_milliseconds;
  const auto near = static_cast<std::int64_t>(due * sample_rate_ / (1000.0 * kBlock)) - 1;
  std::int64_t block = std::max<std::int64_t>(near, 0);
  while (tick_of(block, span) < tick) ++block;
  return block;
}

std::function<midi::Seconds(midi::Ticks)> rendering_clock(const midi::Score& score,
                                                          int sample_rate) {
  if (!is_countable(score)) return {};
  FluidSynthClock clock(score, sample_rate);
  if (most_moved(score, clock) > kMostMoved) return {};
  return clock;
}

}  // namespace musicvae
