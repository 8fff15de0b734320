#pragma once

#include <bitset>
#include <functional>
#include <future>
#include <optional>
#include <string>

#include "midi/live/playback.hpp"
#include "midi/live/recording.hpp"
#include "src/base/worker.hpp"
#include "src/live/bar_clock.hpp"
#include "src/live/live_bars.hpp"

namespace musicvae {

/// Plays from a time on.
using PlayAt = std::function<void(midi::Playback, midi::LiveClock::time_point)>;
/// Tells the user.
using Say = std::function<void(const std::string&)>;

struct CallOptions {
  datasets::Grid grid{};
  int bars = 4;                ///< How long a call is.
  bool until_silence = false;  ///< A call lasts until a bar long nothing sounds.
  double lead = 1;             ///< Quarters before the end of a call at which it is taken as heard.
  int rounds = 0;              ///< Calls to answer; 0 is no end.
};

struct CallCounts {
  int answers = 0;
  int skipped_bars = 0;
  double longest_thought = 0;  ///< Seconds.
};

/// Listens to a musician and answers. A call begins with the bar of its first note (and the first
/// of all calls with the note itself, where no MIDI clock says what a bar is). Its answer is made
/// by a thread of its own, and starts on the first bar line after the call was taken as heard; bar
/// lines at which it is not ready are told of and skipped. What is played meanwhile is no call.
class CallAndResponse {
 public:
  using Time = midi::LiveClock::time_point;
  /// The answer to the call of a round (from 0); its exceptions come out of step().
  using Respond = std::function<datasets::Passage(const datasets::Passage& call, int round)>;

  /// The clock is to outlive it, and to be given MIDI clock messages before hear().
  CallAndResponse(BarClock& clock, const CallOptions& options, Respond respond, PlayAt play,
                  Say say);

  void hear(const midi::TimedMessage& message);
  /// To be called every few milliseconds.
  void step(Time now);
  bool finished() const { return phase_ == Phase::kFinished; }
  bool thinking() const { return phase_ == Phase::kThinking; }
  const CallCounts& counts() const { return counts_; }

 private:
  enum class Phase { kWaiting, kListening, kThinking, kAnswering, kFinished };

  void begin_call(Time time);
  void note(const midi::TimedMessage& message);
  bool call_is_over(Time now) const;
  void think(Time now);
  void answer_or_skip(Time now);
  void answer(Time now);
  void finish_round();

  BarClock& clock_;
  const CallOptions options_;
  const Respond respond_;
  const PlayAt play_;
  const Say say_;
  Phase phase_ = Phase::kWaiting;
  CallCounts counts_;
  bool has_line_ = false;  // A first note has said where bars begin.
  std::int64_t bar_ = 0;   // The first of the call, of the answer, or after it.
  std::optional<midi::Recording> call_;
  std::bitset<16 * midi::kPitches> held_;  // Keys.
  Time last_note_;                         // When one was last pressed or released.
  Time asked_;
  std::future<datasets::Passage> answer_;
  Worker worker_;  // Goes first, as it uses the others.
};

}  // namespace musicvae
