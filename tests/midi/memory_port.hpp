#pragma once

#include <array>
#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

#include "midi/live/port.hpp"

/// A port that is a list in memory.
namespace musicvae::midi::testing {

/// Keeps what is sent to it, and when. It can be unplugged.
class MemoryOutput : public MidiOutput {
 public:
  std::string name() const override { return "memory"; }

  void send(const ShortMessage& message) override {
    const std::lock_guard lock(mutex_);
    if (sent_.size() >= messages_left_) throw MidiError("memory is gone");
    sent_.push_back({LiveClock::now(), message});
  }

  void send_exclusive(std::string_view message) override {
    const std::lock_guard lock(mutex_);
    exclusive_.emplace_back(message);
    places_.push_back(sent_.size());
  }

  /// System exclusive messages, and how many other messages came before each.
  std::vector<std::string> exclusive() const { return exclusive_; }
  std::vector<std::size_t> exclusive_places() const { return places_; }

  /// The port disappears once it has taken this many messages in all.
  void unplug_after(std::size_t messages) {
    const std::lock_guard lock(mutex_);
    messages_left_ = messages;
  }

  std::vector<TimedMessage> sent() const {
    const std::lock_guard lock(mutex_);
    return sent_;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<TimedMessage> sent_;
  std::vector<std::string> exclusive_;
  std::vector<std::size_t> places_;
  std::size_t messages_left_ = SIZE_MAX;
};

/// How many of the notes that were sent never end. All notes off (controller 123) ends those of its
/// channel.
inline int hanging_notes(const std::vector<TimedMessage>& sent) {
  std::array<std::array<int, 128>, 16> sounding{};
  for (const auto& [time, message] : sent) {
    if (!message.is_channel_message()) continue;
    auto& channel = sounding[message.channel()];
    if (message.is_note_on()) ++channel[message.bytes[1]];
    if (message.is_note_off() && channel[message.bytes[1]] > 0) --channel[message.bytes[1]];
    if (message.kind() == 0xB0 && message.bytes[1] == 123) channel.fill(0);
  }
  int hanging = 0;
  for (const auto& channel : sounding) {
    for (const int count : channel) hanging += count;
  }
  return hanging;
}

}  // namespace musicvae::midi::testing
