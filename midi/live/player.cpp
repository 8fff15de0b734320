#include "midi/live/player.hpp"

#include <algorithm>
#include <pthread.h>
#include <sched.h>
#include <utility>
#ifdef __linux__
#include <sys/prctl.h>
#endif

namespace musicvae::midi {
namespace {

/// Longer than anybody listens, and short enough for the clock to count.
constexpr double kMaxSeconds = 1e8;

LiveClock::duration to_duration(Seconds time) {
  return std::chrono::duration_cast<LiveClock::duration>(
      std::chrono::duration<double>(std::min(time.count, kMaxSeconds)));
}

/// Asks to be woken on time; where the system refuses the priority, it is played without.
void ask_for_real_time() {
#ifdef __linux__
  prctl(PR_SET_TIMERSLACK, 1);  // Nanoseconds; 50,000 otherwise.
#endif
  sched_param parameters{};
  parameters.sched_priority = sched_get_priority_min(SCHED_FIFO) + 5;  // Below audio's own threads.
  pthread_setschedparam(pthread_self(), SCHED_FIFO, &parameters);
}

}  // namespace

Player::Player(MidiOutput& output, Playback playback, const PlayerOptions& options)
    : output_(output), playback_(std::move(playback)), options_(options) {
  lateness_.reserve(playback_.messages.size());
}

Player::~Player() { stop(); }

void Player::start(LiveClock::time_point when) {
  origin_ = when;
  thread_ = std::thread([this] { run(); });
}

void Player::pause() {
  ask(Wish::kPause);
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return held_since_.load() != kNotHeld || done_; });
}

void Player::resume() { ask(Wish::kPlay); }

void Player::stop() {
  ask(Wish::kStop);
  if (thread_.joinable()) thread_.join();
}

bool Player::finished() const {
  if (!done_) return false;
  if (failure_) std::rethrow_exception(failure_);
  return true;
}

Seconds Player::position() const {
  const auto now = std::min(held_since_.load(), LiveClock::now());
  const double passed = std::chrono::duration<double>(now - origin_.load()).count();
  return Seconds(std::clamp(passed, 0.0, playback_.length.count));
}

void Player::ask(Wish wish) {
  const std::lock_guard lock(mutex_);
  if (wish_ != Wish::kStop) wish_ = wish;
  changed_.notify_all();
}

void Player::run() {
  ask_for_real_time();
  try {
    play();
  } catch (...) {
    failure_ = std::current_exception();
  }
  try {
    sounding_.silence(output_);
    changed_controls_.reset(output_);
    output_.flush();
  } catch (const MidiError&) {
    if (!failure_) failure_ = std::current_exception();
  }
  const std::lock_guard lock(mutex_);
  done_ = true;
  changed_.notify_all();
}

void Player::play() {
  for (;;) {
    for (const auto& scheduled : playback_.messages) {
      if (!wait_until(scheduled.time)) return stop_clock();
      note_lateness(scheduled.time);
      send(scheduled);
    }
    if (!wait_until(playback_.length)) return stop_clock();
    if (!options_.loop || playback_.length <= Seconds(0)) return;
    sounding_.silence(output_);
    changed_controls_.reset(output_);
    origin_ = origin_.load() + to_duration(playback_.length);
  }
}

bool Player::wait_until(Seconds time) {
  std::unique_lock lock(mutex_);
  for (;;) {
    if (wish_ == Wish::kStop) return false;
    if (wish_ == Wish::kPause) {
      hold(lock);
      continue;
    }
    const auto due = origin_.load() + to_duration(time);
    if (LiveClock::now() >= due) return true;
    changed_.wait_until(lock, due);
  }
}

void Player::hold(std::unique_lock<std::mutex>& lock) {
  const auto since = LiveClock::now();
  lock.unlock();
  stop_clock();
  sounding_.silence(output_);
  output_.flush();
  lock.lock();
  held_since_ = since;
  changed_.notify_all();
  changed_.wait(lock, [this] { return wish_ != Wish::kPause; });
  origin_ = origin_.load() + (LiveClock::now() - since);
  held_since_ = kNotHeld;
  if (wish_ == Wish::kStop) return;
  lock.unlock();
  sounding_.restore_pedals(output_);
  if (options_.clock) output_.send(real_time(kClockContinue));
  lock.lock();
}

void Player::send(const ScheduledMessage& scheduled) {
  if (!scheduled.exclusive.empty()) {
    changed_controls_.note_exclusive(scheduled.exclusive);
    return output_.send_exclusive(scheduled.exclusive);
  }
  sounding_.note(scheduled.message);
  changed_controls_.note(scheduled.message);
  output_.send(scheduled.message);
}

void Player::stop_clock() {
  if (options_.clock) output_.send(real_time(kClockStop));
}

void Player::note_lateness(Seconds time) {
  if (lateness_.size() == playback_.messages.size()) return;
  const auto late = LiveClock::now() - (origin_.load() + to_duration(time));
  lateness_.push_back(std::chrono::duration<double>(late).count());
}

}  // namespace musicvae::midi
