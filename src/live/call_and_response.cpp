#include "src/live/call_and_response.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <utility>

namespace musicvae {
namespace {

/// A longer call is taken as heard.
constexpr int kMostBars = 64;
/// A musician may be this much early at a bar line, in quarters.
constexpr double kEarly = 0.25;

std::int64_t bar_at(const BarClock& clock, midi::LiveClock::time_point time) {
  return static_cast<std::int64_t>(std::floor(clock.position(time)));
}

}  // namespace

CallAndResponse::CallAndResponse(BarClock& clock, const CallOptions& options, Respond respond,
                                 PlayAt play, Say say)
    : clock_(clock),
      options_(options),
      respond_(std::move(respond)),
      play_(std::move(play)),
      say_(std::move(say)) {}

void CallAndResponse::hear(const midi::TimedMessage& message) {
  const bool begins = message.message.is_channel_message() && message.message.is_note_on();
  if (phase_ == Phase::kWaiting && begins) begin_call(message.time);
  if (phase_ == Phase::kListening) note(message);
}

void CallAndResponse::begin_call(Time time) {
  if (!std::exchange(has_line_, true)) clock_.put_line(time);
  bar_ = static_cast<std::int64_t>(
      std::floor(clock_.position(time) + kEarly / clock_.quarters_per_bar()));
  call_.emplace(midi::RecordingOptions{clock_.quarters_per_minute(), clock_.meter()});
  call_->start(clock_.line(bar_));
  held_.reset();
  phase_ = Phase::kListening;
}

void CallAndResponse::note(const midi::TimedMessage& timed) {
  const midi::ShortMessage& message = timed.message;
  if (message.status() == midi::kClockStart) return;  // Would begin the call again.
  call_->add(timed);
  if (!message.is_channel_message() || !(message.is_note_on() || message.is_note_off())) return;
  held_.set(static_cast<std::size_t>(message.channel() * midi::kPitches + message.bytes[1]),
            message.is_note_on());
  last_note_ = timed.time;
}

void CallAndResponse::step(Time now) {
  if (phase_ == Phase::kListening && call_is_over(now)) think(now);
  if (phase_ == Phase::kThinking) answer_or_skip(now);
  const double early = kEarly / clock_.quarters_per_bar();
  if (phase_ == Phase::kAnswering && clock_.position(now) >= static_cast<double>(bar_) - early) {
    finish_round();
  }
}

bool CallAndResponse::call_is_over(Time now) const {
  const double heard = clock_.position(now) - static_cast<double>(bar_);
  const double lead = options_.lead / clock_.quarters_per_bar();
  if (!options_.until_silence) return heard >= options_.bars - lead;
  const bool silent = held_.none() && clock_.position(now) - clock_.position(last_note_) >= 1;
  return silent || heard >= kMostBars - lead;
}

void CallAndResponse::think(Time now) {
  const int most = options_.until_silence ? kMostBars : options_.bars;
  const auto score = call_->score(call_->bar_length() * most);
  const auto call =
      to_bars(score, options_.grid, clock_.meter(), options_.until_silence ? 0 : options_.bars);
  answer_ = worker_.start([this, call, round = counts_.answers] { return respond_(call, round); });
  asked_ = now;
  bar_ = bar_at(clock_, now) + 1;
  phase_ = Phase::kThinking;
}

void CallAndResponse::answer_or_skip(Time now) {
  if (clock_.position(now) >= static_cast<double>(bar_)) {
    say_("bar " + std::to_string(bar_ + 1) + " is skipped: the answer is not ready");
    ++counts_.skipped_bars;
    bar_ = bar_at(clock_, now) + 1;
  }
  if (is_ready(answer_)) answer(now);
}

void CallAndResponse::answer(Time now) {
  const auto music = answer_.get();
  const double thought = std::chrono::duration<double>(now - asked_).count();
  counts_.longest_thought = std::max(counts_.longest_thought, thought);
  play_(to_playback(music, clock_.quarters_per_minute()), clock_.line(bar_));
  char line[96];
  std::snprintf(line, sizeof line, "bar %lld: an answer of %zu bars, made in %.2f s",
                static_cast<long long>(bar_ + 1), music.bars.size(), thought);
  say_(line);
  bar_ += static_cast<std::int64_t>(music.bars.size());
  phase_ = Phase::kAnswering;
}

void CallAndResponse::finish_round() {
  ++counts_.answers;
  phase_ = counts_.answers == options_.rounds ? Phase::kFinished : Phase::kWaiting;
}

}  // namespace musicvae
