#include "src/live/play_queue.hpp"

#include <utility>

namespace musicvae {

void PlayQueue::add(midi::Playback playback, midi::LiveClock::time_point when) {
  entries_.push_back({std::make_unique<midi::Player>(output_, std::move(playback)), when});
  step();
}

void PlayQueue::step() {
  while (!entries_.empty() && entries_.front().player->finished()) entries_.pop_front();
  if (entries_.empty() || entries_.front().started) return;
  entries_.front().started = true;
  entries_.front().player->start(entries_.front().when);
}

}  // namespace musicvae
