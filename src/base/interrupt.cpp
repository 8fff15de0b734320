#include "src/base/interrupt.hpp"

#include <cstddef>

namespace musicvae {
namespace {

/// Room for the widest registers of any processor.
constexpr std::size_t kStackBytes = std::size_t{1} << 16;

constexpr std::array kSignals = {SIGINT, SIGTERM, SIGHUP};

volatile std::sig_atomic_t interrupt_requested = 0;

extern "C" void note_interrupt(int) { interrupt_requested = 1; }

}  // namespace

InterruptGuard::InterruptGuard() : stack_(kStackBytes) {
  interrupt_requested = 0;
  stack_t stack{};
  stack.ss_sp = stack_.data();
  stack.ss_size = stack_.size();
  sigaltstack(&stack, &stack_before_);
  struct sigaction action {};
  action.sa_handler = note_interrupt;
  action.sa_flags = static_cast<int>(SA_ONSTACK | SA_RESTART | SA_RESETHAND);
  for (std::size_t i = 0; i < kSignals.size(); ++i) {
    sigaction(kSignals[i], nullptr, &before_[i]);
    const bool ignored = kSignals[i] == SIGHUP && before_[i].sa_handler == SIG_IGN;
    if (!ignored) sigaction(kSignals[i], &action, nullptr);
  }
}

InterruptGuard::~InterruptGuard() {
  for (std::size_t i = 0; i < kSignals.size(); ++i) sigaction(kSignals[i], &before_[i], nullptr);
  sigaltstack(&stack_before_, nullptr);
}

bool InterruptGuard::requested() { return interrupt_requested != 0; }

}  // namespace musicvae
