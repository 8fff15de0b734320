#include "src/live/live_guard.hpp"

namespace musicvae {
namespace {

volatile std::sig_atomic_t requested = 0;

extern "C" void note_stop(int) { requested = 1; }

}  // namespace

LiveGuard::LiveGuard() {
  requested = 0;
  struct sigaction action {};
  action.sa_handler = note_stop;
  action.sa_flags = static_cast<int>(SA_ONSTACK | SA_RESTART);
  sigaction(SIGTSTP, &action, &stop_before_);
  action.sa_handler = SIG_IGN;
  sigaction(SIGPIPE, &action, &pipe_before_);
}

LiveGuard::~LiveGuard() {
  sigaction(SIGTSTP, &stop_before_, nullptr);
  sigaction(SIGPIPE, &pipe_before_, nullptr);
}

bool LiveGuard::stop_requested() { return requested != 0; }

void LiveGuard::stop() {
  requested = 0;
  std::raise(SIGSTOP);
}

}  // namespace musicvae
