#pragma once

#include <chrono>
#include <cstddef>
#include <string>

namespace musicvae {

/// How much the program says on standard error.
enum class Verbosity { kQuiet, kNormal, kVerbose };

/// Progress of long work on standard error: one line, rewritten, on a terminal and as wide as that;
/// a plain line a minute elsewhere, and where TERM says "dumb"; nothing when quiet. It has no
/// colours.
class Progress {
 public:
  explicit Progress(Verbosity verbosity);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// Whether update() would show anything now, for a status that takes time to find.
  bool due() const;
  /// Shows `fraction` (0 to 1) done, `status` and the time left. Cheap to call often.
  void update(double fraction, const std::string& status);
  /// A line that stays, above the progress line.
  void message(const std::string& text);
  /// Takes the progress line off the terminal, before something else is written there.
  void hide();

 private:
  using Clock = std::chrono::steady_clock;

  Verbosity verbosity_;
  bool terminal_;
  bool line_shown_ = false;
  Clock::time_point start_ = Clock::now();
  Clock::time_point last_shown_;
  double first_fraction_ = -1;
};

/// How far work has come, in fewer characters than `columns`: a bar where there is room for it, the
/// share that is done, `status`, and the time `left` unless empty. The end of the status goes
/// first.
std::string progress_line(double fraction, const std::string& status, const std::string& left,
                          std::size_t columns);

/// "1:05:09" or "2:07".
std::string format_duration(double seconds);

}  // namespace musicvae
