#include "src/live/performance.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

namespace musicvae {
namespace {

using DoubleSeconds = std::chrono::duration<double>;

/// The next bar may take this many times what bars have taken: others use the processor too.
constexpr double kAllowance = 1.5;
constexpr double kMargin = 0.03;      // Seconds more than that.
constexpr double kForgetting = 0.95;  // What each bar leaves of the time of a slow one before it.

}  // namespace

Performance::Performance(BarClock& clock, ControlSurface surface, double usual, std::int64_t bars,
                         Compose compose, PlayAt play, Say say)
    : clock_(clock),
      surface_(std::move(surface)),
      bars_(bars),
      compose_(std::move(compose)),
      play_(std::move(play)),
      say_(std::move(say)),
      usual_(usual) {}

void Performance::hear(const midi::TimedMessage& message) {
  std::vector<std::string> news;
  if (surface_.hear(message.message, news)) {
    ++counts_.moves;
    if (!moved_) moved_ = message.time;
  }
  for (const std::string& line : news) say_(line);
}

void Performance::step(Time now) {
  if (finished()) return;
  if (!bar_) bar_ = static_cast<std::int64_t>(std::floor(clock_.position(now) + lead())) + 1;
  if (clock_.position(now) >= static_cast<double>(*bar_)) skip(now);
  if (composing() && is_ready(next_)) play(now);
  const bool due = clock_.position(now) >= static_cast<double>(*bar_) - lead();
  if (!composing() && due && !finished()) compose(now);
}

double Performance::lead() const {
  return std::min(1.0, (kAllowance * usual_ + kMargin) / clock_.seconds_per_bar());
}

void Performance::compose(Time now) {
  heeded_ = std::exchange(moved_, std::nullopt);
  if (heeded_) {
    const double bars = clock_.position(now) - clock_.position(*heeded_);
    counts_.longest_to_making = std::max(counts_.longest_to_making, bars);
  }
  started_ = now;
  next_ = worker_.start([this, index = counts_.bars, controls = surface_.controls()] {
    return compose_(index, controls);
  });
}

void Performance::play(Time now) {
  const double took = DoubleSeconds(now - started_).count();
  usual_ = std::max(took, kForgetting * usual_);
  if (heeded_) {
    const double bars = static_cast<double>(*bar_) - clock_.position(*heeded_);
    counts_.longest_to_sound = std::max(counts_.longest_to_sound, bars);
  }
  play_(to_playback(next_.get(), clock_.quarters_per_minute()), clock_.line(*bar_));
  ++*bar_;
  ++counts_.bars;
}

/// Bar lines that have passed, and it was not ready.
void Performance::skip(Time now) {
  const auto next = static_cast<std::int64_t>(std::floor(clock_.position(now))) + 1;
  for (; *bar_ < next; ++*bar_) {
    say_("bar " + std::to_string(*bar_ + 1) + " is skipped: it was not ready");
    ++counts_.skipped_bars;
  }
}

}  // namespace musicvae
