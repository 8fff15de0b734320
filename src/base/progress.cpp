#include "src/base/progress.hpp"

#include <cmath>
#include <cstdio>
#include <iostream>
#include <unistd.h>

namespace musicvae {
namespace {

constexpr std::chrono::duration<double> kTerminalInterval{0.1};
constexpr std::chrono::duration<double> kPlainInterval{10};

std::string bar_of(double fraction) {
  constexpr int kWidth = 20;
  const int filled = static_cast<int>(fraction * kWidth);
  return "[" + std::string(filled, '#') + std::string(kWidth - filled, ' ') + "]";
}

}  // namespace

std::string format_duration(double seconds) {
  const long total = std::lround(std::max(seconds, 0.0));
  char text[32];
  if (total >= 3600) {
    std::snprintf(text, sizeof text, "%ld:%02ld:%02ld", total / 3600, total / 60 % 60, total % 60);
  } else {
    std::snprintf(text, sizeof text, "%ld:%02ld", total / 60, total % 60);
  }
  return text;
}

Progress::Progress(Verbosity verbosity)
    : verbosity_(verbosity), terminal_(isatty(STDERR_FILENO) != 0) {}

Progress::~Progress() { clear_line(); }

bool Progress::due() const {
  const auto interval = terminal_ ? kTerminalInterval : kPlainInterval;
  return verbosity_ != Verbosity::kQuiet && Clock::now() - last_shown_ >= interval;
}

void Progress::update(double fraction, const std::string& status) {
  if (first_fraction_ < 0) first_fraction_ = fraction;
  if (!due()) return;
  const auto now = Clock::now();
  last_shown_ = now;
  const double elapsed = std::chrono::duration<double>(now - start_).count();
  const double done = fraction - first_fraction_;
  const std::string left =
      done > 0 ? format_duration(elapsed * (1 - fraction) / done) + " left" : "";
  char percent[16];
  std::snprintf(percent, sizeof percent, "%3.0f %%", 100 * fraction);
  if (terminal_) {
    std::cerr << "\r\033[K" << bar_of(fraction) << ' ' << percent << "  " << status << "  " << left
              << std::flush;
    line_shown_ = true;
  } else {
    std::cerr << percent << "  " << status << "  " << left << '\n';
  }
}

void Progress::message(const std::string& text) {
  if (verbosity_ == Verbosity::kQuiet) return;
  clear_line();
  std::cerr << text << '\n';
}

void Progress::clear_line() {
  if (line_shown_) std::cerr << "\r\033[K" << std::flush;
  line_shown_ = false;
}

}  // namespace musicvae
