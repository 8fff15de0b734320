#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "midi/score.hpp"

/// The order of events that happen at one tick.
namespace musicvae::midi {

/// Events of one place at one tick, in the order they are taken: a note begins after everything
/// that shapes it and after the notes that end; a note without length ends last.
enum class EventKind : std::uint8_t {
  kNoteEnd,
  kSetTempo,
  kSetMeter,
  kSetKey,
  kMeta,
  kSysEx,
  kMessage,
  kNoteStart,
  kEmptyNoteEnd
};

/// The kind of a meta event of this type.
inline EventKind meta_kind(std::uint8_t type) {
  if (type == kTempo) return EventKind::kSetTempo;
  if (type == kMeter) return EventKind::kSetMeter;
  return type == kKey ? EventKind::kSetKey : EventKind::kMeta;
}

/// The kind of the event that ends `note`.
inline EventKind end_kind(const Note& note) {
  return note.duration == Ticks(0) ? EventKind::kEmptyNoteEnd : EventKind::kNoteEnd;
}

/// Gives events the places that keep the order in which they come. A place goes up by one where
/// the order of kinds, or of the notes of one kind, would put an event before the one that it
/// follows.
class TickOrder {
 public:
  /// Times must not descend. `channel` and `pitch` are those of a note; a tempo, meter or key that
  /// a Score holds as a value has channel 1, as these come after others of their kind.
  TickPlace place(Ticks time, EventKind kind, int channel = 0, int pitch = 0) {
    const int rank = (static_cast<int>(kind) * 16 + channel) * kPitches + pitch;
    if (time != time_)
      place_ = 0;
    else if (rank < rank_)
      go_up();
    time_ = time;
    rank_ = rank;
    return place_;
  }

  /// Whether there were too many events out of order at one tick for places to tell apart.
  bool overflowed() const { return overflowed_; }

 private:
  void go_up() {
    if (place_ == std::numeric_limits<TickPlace>::max())
      overflowed_ = true;
    else
      ++place_;
  }

  Ticks time_{-1};
  int rank_ = 0;
  TickPlace place_ = 0;
  bool overflowed_ = false;
};

/// Where to find an event of a Track.
struct EventRef {
  Ticks time;
  TickPlace place = 0;
  EventKind kind = EventKind::kMeta;
  std::uint16_t key = 0;    ///< Orders notes of one kind: by channel, then pitch. Else 0.
  std::uint32_t index = 0;  ///< In the list of its kind: notes, metas, sysex or messages.
  std::size_t track = 0;    ///< Of `tracks` in merge_events().
};

/// The events of `track` in their order.
std::vector<EventRef> order_events(const Track& track);

/// The events of all tracks in one order, which keeps that of each track. Of the events that come
/// next in their tracks, the first in time is taken, and at one tick the first by kind, so that a
/// track may set what the notes of another sound with.
std::vector<EventRef> merge_events(std::span<const Track> tracks);

}  // namespace musicvae::midi
