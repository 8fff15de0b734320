#include "src/interrupt.hpp"

#include <csignal>

namespace musicvae {
namespace {

volatile std::sig_atomic_t interrupt_requested = 0;

extern "C" void note_interrupt(int signal) {
  interrupt_requested = 1;
  std::signal(signal, SIG_DFL);
}

}  // namespace

InterruptGuard::InterruptGuard() {
  interrupt_requested = 0;
  std::signal(SIGINT, note_interrupt);
  std::signal(SIGTERM, note_interrupt);
}

InterruptGuard::~InterruptGuard() {
  std::signal(SIGINT, SIG_DFL);
  std::signal(SIGTERM, SIG_DFL);
}

bool InterruptGuard::requested() { return interrupt_requested != 0; }

}  // namespace musicvae
