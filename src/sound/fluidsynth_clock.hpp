#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "midi/score.hpp"

namespace musicvae {

/// When FluidSynth's own player (up to 2.6 at least) lets hear what stands at a tick of a score.
///
/// The player looks at its clock before each block of 64 frames. It counts whole milliseconds, and
/// takes for played what is due within half a tick. After a change of tempo it counts on from the
/// block in which it met it, so that each change moves the music by up to half a tick. What it
/// sends is heard from the next block on.
class FluidSynthClock {
 public:
  /// For a score in quarters, whose tempos are not 0.
  FluidSynthClock(const midi::Score& score, int sample_rate);

  midi::Seconds operator()(midi::Ticks time) const;

 private:
  /// What is counted from a change of tempo on.
  struct Span {
    std::int64_t tick = 0;
    std::int64_t millisecond = 0;
    double tick_milliseconds = 0;
  };

  void change_tempo(const midi::Tempo& tempo);
  double milliseconds_a_tick(const midi::Tempo& tempo) const;
  std::int64_t millisecond_of(std::int64_t block) const;
  std::int64_t tick_of(std::int64_t block, const Span& span) const;
  /// The first block before which the player takes `tick` for played.
  std::int64_t block_of(std::int64_t tick) const;

  int ticks_per_quarter_;
  int sample_rate_;
  std::vector<Span> spans_;
};

/// The furthest that FluidSynth's player may move an event of a score for a rendering to follow it.
inline constexpr midi::Seconds kMostMoved{0.05};

/// When a rendering of `score` lets hear what stands at a tick: as FluidSynth's player does, so
/// that both sound the same. Where that moves an event by more than kMostMoved, as with coarse
/// ticks or hundreds of tempo changes, nothing (the tempo map tells).
std::function<midi::Seconds(midi::Ticks)> rendering_clock(const midi::Score& score,
                                                          int sample_rate);

}  // namespace musicvae
