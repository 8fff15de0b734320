#include "midi/live/beat_clock.hpp"

#include <algorithm>

namespace musicvae::midi {
namespace {

using DoubleSeconds = std::chrono::duration<double>;

/// A song position counts sixteenths.
constexpr int kClocksPerSixteenth = kClocksPerQuarter / 4;

}  // namespace

void BeatClock::add(const TimedMessage& message) {
  const auto& bytes = message.message.bytes;
  switch (message.message.status()) {
    case kTimingClock:
      times_[static_cast<std::size_t>(count_) % times_.size()] = message.time;
      ++count_;
      ++place_;
      break;
    case kClockStart:
      place_ = 0;
      running_ = true;
      break;
    case kSongPosition:
      place_ = kClocksPerSixteenth * (bytes[1] | bytes[2] << 7);
      break;
    case kClockContinue:
      running_ = true;
      break;
    case kClockStop:
      running_ = false;
      break;
    default:
      break;
  }
}

std::optional<double> BeatClock::seconds_per_quarter() const {
  const std::int64_t intervals = std::min<std::int64_t>(count_ - 1, kClocksPerQuarter);
  if (intervals < 1) return std::nullopt;
  const auto time = [this](std::int64_t i) {
    return times_[static_cast<std::size_t>(i) % times_.size()];
  };
  const std::int64_t first = count_ - 1 - intervals;
  const double middle = static_cast<double>(intervals) / 2;
  double product = 0, square = 0;
  for (std::int64_t i = 0; i <= intervals; ++i) {
    const double place = static_cast<double>(i) - middle;
    product += place * DoubleSeconds(time(first + i) - time(first)).count();
    square += place * place;
  }
  return product / square * kClocksPerQuarter;
}

std::optional<double> BeatClock::quarters(LiveClock::time_point time) const {
  const auto quarter = seconds_per_quarter();
  // Clocks without time between them come from a device that has lost its own.
  if (!quarter || *quarter <= 0) return std::nullopt;
  const auto last = times_[static_cast<std::size_t>(count_ - 1) % times_.size()];
  const double clocks = DoubleSeconds(time - last).count() / *quarter * kClocksPerQuarter;
  return (static_cast<double>(place_ - 1) + std::min(clocks, 1.0)) / kClocksPerQuarter;
}

}  // namespace musicvae::midi
