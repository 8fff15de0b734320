#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "midi/event_order.hpp"
#include "midi/score.hpp"

namespace musicvae::midi {

/// Pairs note-ons with note-offs, first in, first out, among the notes of one channel and pitch.
/// One queue per channel and pitch links the sounding notes: until a note ends, its duration holds
/// the complement of the index of the next one in its queue, and so is negative. Onsets and ends
/// take their places at a tick from `order`, which tells the caller's other events theirs.
class NotePairing {
 public:
  void press(std::vector<Note>& notes, TickOrder& order, Ticks time, std::uint8_t channel,
             std::uint8_t pitch, std::uint8_t velocity) {
    const auto index = static_cast<std::uint32_t>(notes.size());
    notes.push_back({time, link(kNone), channel, pitch, velocity, kNoRelease,
                     order.place(time, EventKind::kNoteStart, channel, pitch)});
    Queue& queue = queue_of(channel, pitch);
    if (queue.first == kNone)
      queue.first = index;
    else
      notes[queue.last].duration = link(index);
    queue.last = index;
    ++sounding_;
  }

  /// Ends the note that has sounded longest; a note-off that ends nothing is ignored. `velocity` is
  /// that of Note::release_velocity.
  void release(std::vector<Note>& notes, TickOrder& order, Ticks time, std::uint8_t channel,
               std::uint8_t pitch, std::uint8_t velocity) {
    Queue& queue = queue_of(channel, pitch);
    if (queue.first == kNone) return;
    Note& note = notes[queue.first];
    queue.first = static_cast<std::uint32_t>(~note.duration.count);
    note.duration = time - note.onset;
    note.release_velocity = velocity;
    note.end_place = order.place(time, end_kind(note), channel, pitch);
    --sounding_;
  }

  /// Ends what still sounds; returns how many notes that were.
  std::size_t release_all(std::vector<Note>& notes, TickOrder& order, Ticks time);

 private:
  static constexpr std::uint32_t kNone = 0xFFFF'FFFF;
  struct Queue {
    std::uint32_t first = kNone;
    std::uint32_t last = kNone;
  };

  static constexpr Ticks link(std::uint32_t next) { return Ticks(~std::int64_t{next}); }

  Queue& queue_of(std::uint8_t channel, std::uint8_t pitch) {
    return queues_[channel * static_cast<std::size_t>(kPitches) + pitch];
  }

  std::array<Queue, 16 * kPitches> queues_;
  std::size_t sounding_ = 0;
};

/// Orders notes of one onset by channel, then pitch; onsets must already ascend. Notes equal in all
/// three keep their order.
void sort_chords(std::vector<Note>& notes);

}  // namespace musicvae::midi
