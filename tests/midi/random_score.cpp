#include "tests/midi/random_score.hpp"

#include <algorithm>
#include <map>
#include <string>
#include <tuple>
#include <utility>

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
    if (chance(60)) track.name = text(1);
    track.notes = notes();
    track.messages = list(20, [&](Ticks time) { return message(time); });
    track.metas = list(9, [&](Ticks time) { return meta(time, !track.name.empty()); });
    track.sysex = list(4, [&](Ticks time) {
      return SysEx{time, chance(70) ? std::uint8_t{0xF0} : std::uint8_t{0xF7}, text(0)};
    });
    track.end = end_of(track) + delta();
    return track;
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

  MetaEvent meta(Ticks time, bool named) {
    constexpr std::uint8_t kTypes[] = {0x00, 0x01, 0x02, 0x04, 0x05, 0x20, 0x54, 0x7F};
    if (named && chance(10)) return {time, 0x03, text(0)};
    const std::uint8_t type = kTypes[between(0, 7)];
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
