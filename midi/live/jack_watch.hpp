#pragma once

#include <atomic>
#include <chrono>
#include <memory>

struct _jack_client;

/// JACK servers and clients come and go. RtMidi leaves some of that to its user, and it is here.
namespace musicvae::midi {

/// The name of clients that carry no music.
inline constexpr const char* kJackWatchName = "musicvae-watch";
/// JACK works in cycles; this is longer than two.
inline constexpr std::chrono::milliseconds kJackCycles{100};
/// How often to ask: a busy server refuses a client now and then while another comes or goes.
inline constexpr int kJackAttempts = 5;

/// Tells whether libjack has freed this process's clients. It does so when it is asked for a client
/// after its server has ended or has turned one of the process's clients out. To use or to close
/// one of the freed clients is a crash.
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

  /// Returns when every client has dealt with what the server has told it until now. Call it just
  /// before a client is closed: libjack ends the thread in which the client is told, and if that
  /// thread holds the process's lock then, the next client that is opened waits for ever. Call it
  /// just before a client is opened, too: the new one may have the number of one that has ended,
  /// and would meet what the others have yet to hear of that end.
  void catch_up();

  /// As catch_up(), for everything that has come and gone in JACK's graph until now. Call it just
  /// before a port is closed: when libjack is told of a change it walks a client's ports without a
  /// lock, so that a port taken away meanwhile is a crash.
  ///
  /// A change that another program makes just after this or after catch_up() can still do harm.
  void settle();

 private:
  const JackEra era_;
  [[maybe_unused]] std::atomic<bool> ended_{false};
  [[maybe_unused]] _jack_client* client_ = nullptr;
};

/// The watch that all share who look at the same time: the last one made, while its server is
/// there.
std::shared_ptr<JackWatch> shared_jack_watch();

}  // namespace musicvae::midi
