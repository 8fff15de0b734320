#include "src/live/bar_clock.hpp"

#include <cmath>

namespace musicvae {
namespace {

using DoubleSeconds = std::chrono::duration<double>;

/// Positions nearer than this, in bars, are one.
constexpr double kTolerance = 0.01;

bool jumps(const midi::ShortMessage& message) {
  const auto status = message.status();
  return status == midi::kClockStart || status == midi::kClockContinue ||
         status == midi::kSongPosition;
}

}  // namespace

BarClock::BarClock(double quarters_per_minute, const midi::Meter& meter, Time start)
    : meter_(meter),
      quarters_per_bar_(4.0 * meter.numerator / meter.denominator),
      seconds_per_bar_(60 * quarters_per_bar_ / quarters_per_minute),
      known_time_(start) {}

void BarClock::add(const midi::TimedMessage& message) {
  jumped_ = jumped_ || jumps(message.message);
  beat_.add(message);
  if (message.message.status() != midi::kTimingClock) return;
  const auto quarters = beat_.quarters(message.time);
  if (!quarters) return;
  const double bars = *quarters / quarters_per_bar_;
  if (jumped_) offset_ = std::ceil(position(message.time) - bars - kTolerance);
  jumped_ = false;
  follows_ = true;
  known_time_ = message.time;
  known_position_ = bars + offset_;
  seconds_per_bar_ = *beat_.seconds_per_quarter() * quarters_per_bar_;
}

void BarClock::put_line(Time time) {
  if (follows_) return;
  known_position_ = std::ceil(position(time) - kTolerance);
  known_time_ = time;
}

double BarClock::position(Time time) const {
  return known_position_ + DoubleSeconds(time - known_time_).count() / seconds_per_bar_;
}

BarClock::Time BarClock::line(std::int64_t bar) const {
  const DoubleSeconds away((static_cast<double>(bar) - known_position_) * seconds_per_bar_);
  return known_time_ + std::chrono::duration_cast<midi::LiveClock::duration>(away);
}

}  // namespace musicvae
