#include "src/base/progress.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <sys/ioctl.h>
#include <unistd.h>

#include "src/base/text.hpp"

namespace musicvae {
namespace {

constexpr std::chrono::duration<double> kTerminalInterval{0.1};
constexpr std::chrono::duration<double> kPlainInterval{60};
constexpr std::size_t kUsualColumns = 80;
constexpr const char* kRewriteLine = "\r\033[K";

std::string bar_of(double fraction) {
  constexpr int kWidth = 20;
  const int filled = std::clamp(static_cast<int>(fraction * kWidth), 0, kWidth);
  return "[" + std::string(filled, '#') + std::string(kWidth - filled, ' ') + "] ";
}

std::string percent(double fraction) {
  char text[16];
  std::snprintf(text, sizeof text, "%3.0f %%  ", 100 * fraction);
  return text;
}

std::string plain_line(double fraction, const std::string& status, const std::string& left) {
  return percent(fraction) + status + (left.empty() ? "" : "  " + left);
}

/// Whether messages go to a terminal on which a line can be written anew.
bool rewrites_lines() {
  const char* const terminal = std::getenv("TERM");
  return isatty(STDERR_FILENO) != 0 && terminal != nullptr &&
         std::string_view(terminal) != "dumb" && *terminal != '\0';
}

/// Asked each time, as windows change their size.
std::size_t terminal_columns() {
  winsize size{};
  const bool known = ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
  return known ? size.ws_col : kUsualColumns;
}

/// Straight to standard error: on std::cerr the characters that rewrite a line would be escaped.
void write(const std::string& text) { std::fputs(text.c_str(), stderr); }

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

std::string progress_line(double fraction, const std::string& status, const std::string& left,
                          std::size_t columns) {
  const std::string plain = plain_line(fraction, status, left);
  const std::string with_bar = bar_of(fraction) + plain;
  if (with_bar.size() < columns) return with_bar;
  if (plain.size() < columns) return plain;
  const std::string status_last = percent(fraction) + (left.empty() ? "" : left + "  ") + status;
  return cut_to(status_last, std::max<std::size_t>(columns, 1) - 1);
}

Progress::Progress(Verbosity verbosity)
    : verbosity_(verbosity),
      terminal_(rewrites_lines()),
      last_shown_(terminal_ ? Clock::time_point{} : start_) {}

Progress::~Progress() { hide(); }

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
  const std::string shown = printable(status);
  if (terminal_) {
    write(kRewriteLine + progress_line(fraction, shown, left, terminal_columns()));
    line_shown_ = true;
  } else {
    write(plain_line(fraction, shown, left) + "\n");
  }
}

void Progress::message(const std::string& text) {
  if (verbosity_ == Verbosity::kQuiet) return;
  hide();
  write(printable(text) + "\n");
}

void Progress::hide() {
  if (line_shown_) write(kRewriteLine);
  line_shown_ = false;
}

}  // namespace musicvae
