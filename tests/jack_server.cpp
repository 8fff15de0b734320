#include "tests/jack_server.hpp"

#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif

#include "midi/live/ports.hpp"
#include "tests/catch.hpp"
#include "tests/eventually.hpp"

namespace musicvae::test {
namespace {

/// A name that no other server has. Clients of one name still meet, whatever their servers: libjack
/// names their sockets by the client alone, so tests with JACK cannot run side by side.
std::string new_name() {
  static int count = 0;
  return "musicvae-test-" + std::to_string(getpid()) + "-" + std::to_string(++count);
}

[[noreturn]] void become_server() {
#ifdef __linux__
  prctl(PR_SET_PDEATHSIG, SIGTERM);  // So that it does not outlive a test that crashes.
#endif
  const int null = open("/dev/null", O_WRONLY);
  dup2(null, STDOUT_FILENO);
  dup2(null, STDERR_FILENO);
  // Synchronous (-S), it waits for clients that a busy machine makes late, and drops nothing.
  execlp("jackd", "jackd", "-r", "-S", "-d", "dummy", "-r", "48000", "-p", "128", nullptr);
  _exit(127);
}

bool answers() {
  for (const auto& list : midi::list_ports()) {
    if (list.backend == "Jack" && list.problem.empty()) return true;
  }
  return false;
}

}  // namespace

JackServer::JackServer(const std::string& what) {
  setenv("JACK_DEFAULT_SERVER", new_name().c_str(), 1);
  setenv("JACK_NO_AUDIO_RESERVATION", "1", 1);
  process_ = fork();
  if (process_ == 0) become_server();
  bool ended = false;
  running_ = eventually([&] {
    ended = waitpid(process_, nullptr, WNOHANG) != 0;
    return ended || answers();
  });
  if (!running_) {
    stop();
    FAIL("the JACK server does not answer");
  }
  if (!ended) return;
  process_ = -1;
  running_ = false;
  WARN("no JACK server can be started here: " << what << " is not tested");
}

JackServer::~JackServer() {
  stop();
  unsetenv("JACK_DEFAULT_SERVER");
}

void JackServer::stop() {
  if (process_ <= 0) return;
  // Not killed: JACK knows eight servers at most, and forgets none that could not sign off.
  ::kill(process_, SIGTERM);
  waitpid(process_, nullptr, 0);
  process_ = -1;
}

std::vector<midi::TimedMessage> receive_all(midi::MidiInput& input, midi::MidiOutput& output) {
  const auto last = midi::control_change(15, 119, 127);
  output.send(last);
  std::vector<midi::TimedMessage> received;
  REQUIRE(eventually([&] {
    while (const auto message = input.receive()) {
      if (message->message == last) return true;
      received.push_back(*message);
    }
    return false;
  }));
  return received;
}

}  // namespace musicvae::test
