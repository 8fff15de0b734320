#include "src/interrupt.hpp"

#include <cstddef>

namespace musicvae {
namespace {

/// Room for the widest registers of any processor.
constexpr std::size_t kStackBytes = std::size_t{1} << 16;

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
  sigaction(SIGINT, &action, &interrupt_before_);
  sigaction(SIGTERM, &action, &terminate_before_);
}

InterruptGuard::~InterruptGuard() {
  sigaction(SIGINT, &interrupt_before_, nullptr);
  sigaction(SIGTERM, &terminate_before_, nullptr);
  sigaltstack(&stack_before_, nullptr);
}

bool InterruptGuard::requested() { return interrupt_requested != 0; }

}  // namespace musicvae
