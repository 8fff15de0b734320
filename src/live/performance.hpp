#pragma once

#include <functional>
#include <future>
#include <optional>

#include "src/live/call_and_response.hpp"
#include "src/live/controls.hpp"

namespace musicvae {

struct PerformanceCounts {
  std::int64_t bars = 0;  ///< Played.
  int skipped_bars = 0;
  int moves = 0;  ///< How often mapped controllers were moved.
  /// The longest way of a controller's move, in bars: to the making of the first bar that heeds it,
  /// and to that bar's start.
  double longest_to_making = 0;
  double longest_to_sound = 0;
};

/// Endless music, made bar by bar by a thread of its own: each as late as the time that bars have
/// taken lately allows, so that it heeds what controllers did until then. A bar that is not ready
/// on its bar line is told of and comes on the next.
class Performance {
 public:
  using Time = midi::LiveClock::time_point;
  /// The bar that comes as number `index` (from 0) of the music; its exceptions come out of step().
  using Compose = std::function<datasets::Passage(std::int64_t index, const Controls&)>;

  /// It starts with the first bar for which there is time. The clock is to outlive it, and to be
  /// given MIDI clock messages before hear(). Making a bar takes some `usual` seconds; `bars` are
  /// to be played, 0 for no end.
  Performance(BarClock& clock, ControlSurface surface, double usual, std::int64_t bars,
              Compose compose, PlayAt play, Say say);

  void hear(const midi::TimedMessage& message);
  /// To be called every few milliseconds.
  void step(Time now);
  bool finished() const { return bars_ > 0 && counts_.bars == bars_; }
  bool composing() const { return next_.valid(); }
  const PerformanceCounts& counts() const { return counts_; }

 private:
  void compose(Time now);
  void play(Time now);
  void skip(Time now);
  /// How long before its bar line a bar is made, in bars.
  double lead() const;

  BarClock& clock_;
  ControlSurface surface_;
  const std::int64_t bars_;
  const Compose compose_;
  const PlayAt play_;
  const Say say_;
  PerformanceCounts counts_;
  std::optional<std::int64_t> bar_;  // The bar that is made next, or now.
  std::optional<Time> moved_;        // The oldest move that no bar heeds yet.
  std::optional<Time> heeded_;  // The oldest move that the bar being made is the first to heed.
  double usual_;                // Seconds that the slower bars take to make.
  Time started_;
  std::future<datasets::Passage> next_;
  Worker worker_;  // Goes first, as it uses the others.
};

}  // namespace musicvae
