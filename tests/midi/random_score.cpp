#include "tests/midi/random_score.hpp"

#include <algorithm>
#include <map>
#include <string>
#include <tuple>
#include <utility>

#include "midi/event_order.hpp"

namespace musicvae::midi::testing {
namespace {

class ScoreMaker {
 public:
  explicit ScoreMaker(std::mt19937& random) : random_(random) {}

  Score make() {
    Score score;
    score.format = between(0, 2);
    score.division = division();
    const int tracks = score.format == 1 ? between(0, 4) : 1;
    for (int i = 0; i < tracks; ++i) score.tracks.push_back(track());
    if (tracks > 0) add_changes(score);
    return score;
  }

 private:
  int between(int low, int high) { return std::uniform_int_distribution<int>(low, high)(random_); }
  std::uint8_t byte(int low, int high) { return static_cast<std::uint8_t>(between(low, high)); }
  bool chance(int percent) { return between(1, 100) <= percent; }

  Ticks delta() {
    if (chance(40)) return Ticks(0);
    return Ticks(chance(1) ? between(1'000'000, 2'000'000'000) : between(1, 500));
  }

  Division division() {
    constexpr int kFrames[] = {24, 25, 29, 30};
    if (chance(80)) return {between(1, 32767), 0, 0};
    return {0, kFrames[between(0, 3)], between(1, 255)};
  }

  std::string text(int shortest) {
    std::string text(static_cast<std::size_t>(between(shortest, chance(3) ? 300 : 9)), ' ');
    for (char& c : text) c = static_cast<char>(byte(0, 255));
    return text;
  }

  /// `count` items of `make`, at ascending times.
  template <class Make>
  auto list(int most, Make make) {
    std::vector<decltype(make(Ticks()))> items;
    Ticks time;
    for (int left = between(0, most); left > 0; --left) items.push_back(make(time += delta()));
    return items;
  }

  Track track() {
    Track track;
    track.notes = notes();
    track.messages = list(20, [&](Ticks time) { return message(time); });
    track.metas = list(9, [&](Ticks time) { return meta(time); });
    track.sysex = list(4, [&](Ticks time) {
      return SysEx{time, chance(70) ? std::uint8_t{0xF0} : std::uint8_t{0xF7}, text(0)};
    });
    track.end = end_of(track) + delta();
    shuffle_places(track);
    return track;
  }

  /// Whether `second`, which follows `first`, may go before it: the events of one list and the
  /// notes of one key keep their order, as far as pairing depends on it.
  static bool may_swap(const EventRef& first, const EventRef& second) {
    const auto is_note = [](const EventRef& event) {
      return event.kind == EventKind::kNoteStart || event.kind == EventKind::kNoteEnd ||
             event.kind == EventKind::kEmptyNoteEnd;
    };
    if (first.time != second.time) return false;
    if (!is_note(first) || !is_note(second)) return first.kind != second.kind;
    const bool starts = first.kind == EventKind::kNoteStart;
    if (first.key != second.key) return true;
    return starts != (second.kind == EventKind::kNoteStart) && first.index != second.index;
  }

  /// Half of the tracks have their events out of the usual order at each tick.
  void shuffle_places(Track& track) {
    std::vector<EventRef> events = order_events(track);
    if (chance(50) && !events.empty()) {
      for (int i = 0; i < 2000; ++i) {
        const auto at = static_cast<std::size_t>(between(0, static_cast<int>(events.size()) - 1));
        if (at > 0 && may_swap(events[at - 1], events[at])) std::swap(events[at - 1], events[at]);
      }
    }
    TickOrder order;
    for (const EventRef& event : events) {
      const TickPlace place =
          order.place(event.time, event.kind, event.key / kPitches, event.key % kPitches);
      set_place(track, event, place);
    }
  }

  static void set_place(Track& track, const EventRef& event, TickPlace place) {
    switch (event.kind) {
      case EventKind::kSetTempo:
      case EventKind::kSetMeter:
      case EventKind::kSetKey:
      case EventKind::kMeta:
        track.metas[event.index].place = place;
        break;
      case EventKind::kSysEx:
        track.sysex[event.index].place = place;
        break;
      case EventKind::kMessage:
        track.messages[event.index].place = place;
        break;
      case EventKind::kNoteStart:
        track.notes[event.index].onset_place = place;
        break;
      case EventKind::kNoteEnd:
      case EventKind::kEmptyNoteEnd:
        track.notes[event.index].end_place = place;
        break;
    }
  }

  /// Few pitches, so that notes overlap; ends of a pitch ascend, as first in, first out pairs them.
  std::vector<Note> notes() {
    std::map<std::pair<int, int>, Ticks> last_end;
    auto notes = list(60, [&](Ticks time) {
      return Note{time,         {},           byte(0, 2),
                  byte(60, 64), byte(1, 127), chance(50) ? byte(0, 127) : byte(0, 0)};
    });
    std::stable_sort(notes.begin(), notes.end(), [](const Note& a, const Note& b) {
      return std::tie(a.onset, a.channel, a.pitch) < std::tie(b.onset, b.channel, b.pitch);
    });
    for (Note& note : notes) {
      Ticks& end = last_end[{note.channel, note.pitch}];
      end = std::max(end, note.onset + (chance(10) ? Ticks(0) : delta()));
      note.duration = end - note.onset;
    }
    return notes;
  }

  ChannelMessage message(Ticks time) {
    const std::uint8_t status = byte(0xA0, 0xEF);
    const bool one = (status & 0xE0) == 0xC0;
    return {time, status, {byte(0, 127), one ? byte(0, 0) : byte(0, 127)}};
  }

  MetaEvent meta(Ticks time) {
    constexpr std::uint8_t kTypes[] = {0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x20, 0x21, 0x54, 0x7F};
    const std::uint8_t type = kTypes[between(0, 9)];
    return {time, type, text(type == 0x01 ? 1 : 0)};
  }

  static Ticks end_of(const Track& track) {
    Ticks end;
    const auto extend = [&](const auto& events) {
      for (const auto& event : events) end = std::max(end, event.time);
    };
    extend(track.messages);
    extend(track.metas);
    extend(track.sysex);
    for (const Note& note : track.notes) end = std::max(end, note.onset + note.duration);
    return end;
  }

  template <class Change>
  static std::vector<Change> at_distinct_times(std::vector<Change> changes) {
    const auto same = [](const Change& a, const Change& b) { return a.time == b.time; };
    changes.erase(std::unique(changes.begin(), changes.end(), same), changes.end());
    return changes;
  }

  void add_changes(Score& score) {
    score.tempos = at_distinct_times(list(4, [&](Ticks time) {
      return Tempo{time, static_cast<std::uint32_t>(between(1, 0xFFFFFF))};
    }));
    score.meters = at_distinct_times(list(4, [&](Ticks time) {
      const Meter meter{byte(1, 255), static_cast<std::uint16_t>(1 << between(0, 7))};
      return MeterChange{time, meter, byte(0, 255), byte(0, 255)};
    }));
    score.keys = at_distinct_times(list(4, [&](Ticks time) {
      return KeyChange{time, static_cast<std::int8_t>(between(-7, 7)), chance(50)};
    }));
    Ticks& end = score.tracks[0].end;
    if (!score.tempos.empty()) end = std::max(end, score.tempos.back().time);
    if (!score.meters.empty()) end = std::max(end, score.meters.back().time);
    if (!score.keys.empty()) end = std::max(end, score.keys.back().time);
  }

  std::mt19937& random_;
};

}  // namespace

Score random_score(std::mt19937& random) { return ScoreMaker(random).make(); }

}  // namespace musicvae::midi::testing
