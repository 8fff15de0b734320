#pragma once

#include <string>
#include <sys/types.h>

namespace musicvae::test {

/// A real JACK server of its own, without a sound card (jackd -d dummy, 128 frames at 48 kHz), for
/// this process and those it starts.
class JackServer {
 public:
  static constexpr double kPeriodSeconds = 128 / 48000.0;

  /// Warns that `what` is not tested where no server can be started.
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

}  // namespace musicvae::test
