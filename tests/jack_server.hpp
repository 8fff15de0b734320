#pragma once

#include <string>
#include <sys/types.h>
#include <vector>

#include "midi/live/port.hpp"

namespace musicvae::test {

/// A real JACK server of its own, without a sound card (jackd -d dummy, 128 frames at 48 kHz), for
/// this process and those it starts.
class JackServer {
 public:
  /// Warns that `what` is not tested where no server can be started; fails the test where one runs
  /// and does not answer.
  explicit JackServer(const std::string& what);
  ~JackServer();
  JackServer(const JackServer&) = delete;
  JackServer& operator=(const JackServer&) = delete;

  bool running() const { return running_; }
  /// Its clients see it go.
  void stop();

 private:
  pid_t process_ = -1;
  bool running_ = false;
};

/// What `input` has yet to give of all that was sent to it until now. A message of the test's own,
/// sent by `output` after all others, says when that has come.
std::vector<midi::TimedMessage> receive_all(midi::MidiInput& input, midi::MidiOutput& output);

}  // namespace musicvae::test
