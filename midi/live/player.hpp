#pragma once

#include <atomic>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <span>
#include <thread>
#include <vector>

#include "midi/live/changed_controls.hpp"
#include "midi/live/playback.hpp"
#include "midi/live/port.hpp"
#include "midi/live/sounding_notes.hpp"

namespace musicvae::midi {

struct PlayerOptions {
  bool loop = false;   ///< Start again at the end.
  bool clock = false;  ///< Tell of pauses: stop, and continue.
};

/// Sends a Playback from a thread of its own, on an absolute clock and without allocating, at
/// real-time priority where the system allows it. However it ends (the last message, stop(), a port
/// that fails), what sounds is ended first: each note, and all notes and the pedal of each channel
/// that was used. Then, and between rounds, the channels get back the controllers, bends and
/// programs that General MIDI starts with, so that nothing of this music is heard in the next.
class Player {
 public:
  /// `output` must outlive the player.
  Player(MidiOutput& output, Playback playback, const PlayerOptions& options = {});
  ~Player();  ///< Stops.
  Player(const Player&) = delete;
  Player& operator=(const Player&) = delete;

  /// Starts to play, with time 0 of the first round at `when`. Call it once.
  void start(LiveClock::time_point when = LiveClock::now());
  /// Ends what sounds and stops the time; returns once the messages have left the program. Call it
  /// only after start().
  void pause();
  /// Goes on, with the pedals that were down.
  void resume();
  /// Ends at once; returns when that is done.
  void stop();

  /// Whether all is done; rethrows what the port threw.
  bool finished() const;
  /// How far it is, from 0 to the playback's length.
  Seconds position() const;
  /// How many seconds late each message of the first round was handed to the port. Call it once
  /// finished.
  std::span<const double> lateness() const { return lateness_; }

 private:
  enum class Wish { kPlay, kPause, kStop };
  static constexpr auto kNotHeld = LiveClock::time_point::max();

  void run();
  void play();
  bool wait_until(Seconds time);  // False where playing is to stop.
  void hold(std::unique_lock<std::mutex>& lock);
  void send(const ScheduledMessage& scheduled);
  void stop_clock();
  void note_lateness(Seconds time);
  void ask(Wish wish);

  MidiOutput& output_;
  const Playback playback_;
  const PlayerOptions options_;
  // For the thread that plays alone:
  SoundingNotes sounding_;
  ChangedControls changed_controls_;
  std::vector<double> lateness_;
  // Read without the mutex, as the thread that plays must not wait for one that only looks.
  std::atomic<LiveClock::time_point> origin_{};  // When this round began.
  std::atomic<LiveClock::time_point> held_since_{kNotHeld};
  std::atomic<bool> done_{false};
  std::exception_ptr failure_;  // Read only once done_.
  std::mutex mutex_;            // Guards the wish.
  std::condition_variable changed_;
  Wish wish_ = Wish::kPlay;
  std::thread thread_;
};

}  // namespace musicvae::midi
