#pragma once

#include <atomic>
#include <chrono>
#include <memory>

struct _jack_client;

/// What RtMidi leaves to its user of the life of a JACK server and its clients.
namespace musicvae::midi {

inline constexpr const char* kJackWatchName = "musicvae-watch";  ///< Of clients without music.
/// JACK works in cycles; this is longer than two.
inline constexpr std::chrono::milliseconds kJackCycles{100};
/// A busy server refuses a client now and then while another comes or goes.
inline constexpr int kJackAttempts = 5;

/// libjack, asked for a client after its server went or turned one of the process's clients out,
/// frees those that the process still has; to use or to close one of them is a crash then.
class JackEra {
 public:
  JackEra();
  /// Whether JACK clients that were opened before this was made have been freed.
  bool over() const;

 private:
  int freed_;
};

/// A connection to JACK's server that carries nothing. Where the program was built without libjack
/// every server is taken to be there, and RtMidi finds out.
class JackWatch {
 public:
  /// Starts no server, and prints nothing.
  JackWatch();
  ~JackWatch();
  JackWatch(const JackWatch&) = delete;
  JackWatch& operator=(const JackWatch&) = delete;

  /// Whether there was a server, and it has not ended since, which RtMidi does not notice.
  bool has_server() const;

  /// Returns when every client has dealt with what the server has told it until now. To be called
  /// just before a client is closed: libjack ends the thread in which the client is told, and where
  /// that held the process's lock at the time, the next client that is opened waits for ever. And
  /// just before one is opened: what the others have yet to hear of the end of one before could
  /// meet the new one, which has its number.
  void catch_up();

  /// As catch_up(), of all that came and went in JACK's graph until now. To be called just before a
  /// port is closed: libjack walks a client's ports when it is told of a change, without a lock, so
  /// a port taken away meanwhile is a crash.
  ///
  /// Another program's change just after either can still bring those about.
  void settle();

 private:
  const JackEra era_;
  [[maybe_unused]] std::atomic<bool> ended_{false};
  [[maybe_unused]] _jack_client* client_ = nullptr;
};

/// One for all that look at the same time: the last one made while its server is there.
std::shared_ptr<JackWatch> shared_jack_watch();

}  // namespace musicvae::midi
