#pragma once

#include <optional>
#include <vector>

#include "midi/live/beat_clock.hpp"
#include "midi/note_pairing.hpp"
#include "midi/score.hpp"

namespace musicvae::midi {

inline constexpr int kRecordedTicksPerQuarter = 480;

struct RecordingOptions {
  double quarters_per_minute = 120;  ///< Unless a MIDI clock says otherwise.
  Meter meter;
};

/// Makes a Score of what is played. Where a MIDI clock arrives, ticks and tempo follow it.
class Recording {
 public:
  explicit Recording(const RecordingOptions& options) : options_(options) {}

  /// Makes `time` tick 0. Otherwise tick 0 is the first note, or the start message of a MIDI clock
  /// before it. Earlier notes are left out, save those that are a little early.
  void start(LiveClock::time_point time);
  /// Messages come in the order of their times.
  void add(const TimedMessage& message);

  std::size_t note_count() const { return track_.notes.size(); }
  bool follows_clock() const { return clock_zero_.has_value(); }
  /// The tick of `time`, which is not before the last message; nullopt before the start.
  std::optional<Ticks> position(LiveClock::time_point time) const;
  /// The tick at which music ends that ends at `time`: not before anything that was played, even
  /// where a MIDI clock stands still.
  Ticks end(LiveClock::time_point time) const;
  Ticks bar_length() const;

  /// The music up to `end`: notes that sound there end, later ones are left out.
  Score score(Ticks end) const;

 private:
  void add_time(const TimedMessage& message);
  void follow_clock_from(Ticks position, LiveClock::time_point time);
  void add_tempo(LiveClock::time_point time);

  RecordingOptions options_;
  BeatClock beat_;
  std::optional<LiveClock::time_point> zero_;   // The time of tick 0 at the tempo of the options.
  std::optional<double> clock_zero_;            // The quarter of the MIDI clock at tick 0.
  Ticks next_tempo_{kRecordedTicksPerQuarter};  // End of the quarter whose tempo comes next.
  Ticks last_;
  NotePairing pairing_;
  TickOrder order_;
  Track track_;
  std::vector<Tempo> tempos_;
};

}  // namespace musicvae::midi
