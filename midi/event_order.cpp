#include "midi/event_order.hpp"

#include <algorithm>
#include <queue>
#include <tuple>

namespace musicvae::midi {
namespace {

/// Adds the events of one list of a track but notes.
template <class Event>
void add_list(const std::vector<Event>& list, EventKind kind, std::vector<EventRef>& events) {
  std::uint32_t index = 0;
  for (const Event& event : list) events.push_back({event.time, event.place, kind, 0, index++, 0});
}

void add_notes(const std::vector<Note>& notes, std::vector<EventRef>& events) {
  std::uint32_t index = 0;
  for (const Note& note : notes) {
    const auto key = static_cast<std::uint16_t>(note.channel * kPitches + note.pitch);
    events.push_back({note.onset, note.onset_place, EventKind::kNoteStart, key, index, 0});
    events.push_back({note.onset + note.duration, note.end_place, end_kind(note), key, index, 0});
    ++index;
  }
}

/// The events of one track that are not yet merged.
struct Rest {
  std::vector<EventRef> events;
  std::size_t next = 0;
  std::size_t track = 0;

  const EventRef& front() const { return events[next]; }
};

constexpr auto kComesLater = [](const Rest* a, const Rest* b) {
  return std::tuple(a->front().time, a->front().kind, a->track) >
         std::tuple(b->front().time, b->front().kind, b->track);
};

}  // namespace

std::vector<EventRef> order_events(const Track& track) {
  std::vector<EventRef> events;
  events.reserve(track.metas.size() + track.sysex.size() + track.messages.size() +
                 2 * track.notes.size());
  std::uint32_t index = 0;
  for (const MetaEvent& meta : track.metas)
    events.push_back({meta.time, meta.place, meta_kind(meta.type), 0, index++, 0});
  add_list(track.sysex, EventKind::kSysEx, events);
  add_list(track.messages, EventKind::kMessage, events);
  add_notes(track.notes, events);
  std::sort(events.begin(), events.end(), [](const EventRef& a, const EventRef& b) {
    return std::tie(a.time, a.place, a.kind, a.key, a.index) <
           std::tie(b.time, b.place, b.kind, b.key, b.index);
  });
  return events;
}

std::vector<EventRef> merge_events(std::span<const Track> tracks) {
  std::vector<Rest> rests(tracks.size());
  std::priority_queue<Rest*, std::vector<Rest*>, decltype(kComesLater)> queue(kComesLater);
  std::size_t count = 0;
  for (std::size_t track = 0; track < tracks.size(); ++track) {
    rests[track] = {order_events(tracks[track]), 0, track};
    count += rests[track].events.size();
    if (!rests[track].events.empty()) queue.push(&rests[track]);
  }
  std::vector<EventRef> merged;
  merged.reserve(count);
  while (!queue.empty()) {
    Rest& rest = *queue.top();
    queue.pop();
    merged.push_back(rest.front());
    merged.back().track = rest.track;
    if (++rest.next < rest.events.size()) queue.push(&rest);
  }
  return merged;
}

}  // namespace musicvae::midi
