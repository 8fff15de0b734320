#include "midi/file/track_writer.hpp"

#include <algorithm>
#include <optional>
#include <string_view>

#include "midi/error.hpp"
#include "midi/event_order.hpp"
#include "midi/file/smf.hpp"

namespace musicvae::midi {
namespace {

void require(bool holds, Ticks time, const char* expected) {
  if (!holds)
    throw MidiError("cannot write the event at tick " + std::to_string(time.count) + ": expected " +
                    expected);
}

std::string sized(std::uint8_t status, std::string_view prefix, Ticks time,
                  const std::string& data) {
  require(data.size() <= static_cast<std::size_t>(kMaxDelta), time, "less than 2^28 bytes of data");
  std::string bytes(1, static_cast<char>(status));
  bytes += prefix;
  append_variable_length(bytes, static_cast<std::uint32_t>(data.size()));
  return bytes += data;
}

std::string meta(Ticks time, std::uint8_t type, const std::string& data) {
  return sized(kMeta, std::string(1, static_cast<char>(type)), time, data);
}

std::string channel_message(std::uint8_t status, std::uint8_t first, std::uint8_t second) {
  std::string bytes{static_cast<char>(status), static_cast<char>(first), static_cast<char>(second)};
  bytes.resize(1 + data_bytes(status));
  return bytes;
}

void check_time(Ticks time) {
  require(time >= Ticks(0) && time <= kMaxTime, time, "a time of 0 to 2^40 ticks");
}

void check(const Note& note) {
  check_time(note.onset);
  require(note.channel < 16, note.onset, "a channel of 0 to 15");
  require(note.pitch < kPitches, note.onset, "a pitch of 0 to 127");
  require(note.velocity >= 1 && note.velocity <= 127, note.onset, "a velocity of 1 to 127");
  require(note.release_velocity <= kNoRelease, note.onset, "a release velocity of 0 to 127");
  require(note.duration >= Ticks(0) && note.duration <= kMaxTime, note.onset,
          "a duration of 0 to 2^40 ticks");
  check_time(note.onset + note.duration);
}

std::string encode_start(const Note& note) {
  return channel_message(static_cast<std::uint8_t>(kNoteOn | note.channel), note.pitch,
                         note.velocity);
}

/// A note-on of velocity 0 keeps the status running.
std::string encode_end(const Note& note) {
  const bool released = note.release_velocity != kNoRelease;
  return channel_message(static_cast<std::uint8_t>((released ? kNoteOff : kNoteOn) | note.channel),
                         note.pitch, released ? note.release_velocity : std::uint8_t{0});
}

std::string encode(const ChannelMessage& message) {
  require(message.status >= kNoteOn + 0x10 && message.status < kSysEx, message.time,
          "a channel message other than a note");
  require(message.data[0] <= 127 && message.data[1] <= 127, message.time, "data of 0 to 127");
  require(data_bytes(message.status) == 2 || message.data[1] == 0, message.time,
          "no second data byte");
  return channel_message(message.status, message.data[0], message.data[1]);
}

std::string encode(const MetaEvent& event) {
  require(event.type <= kMaxMetaType && event.type != kEndOfTrack, event.time,
          "a meta type of 0 to 127 but end of track");
  return meta(event.time, event.type, event.data);
}

std::string encode(const SysEx& sysex) {
  require(sysex.status == kSysEx || sysex.status == kEscape, sysex.time, "status 0xF0 or 0xF7");
  return sized(sysex.status, "", sysex.time, sysex.data);
}

std::string encode(const Track& track, const EventRef& event) {
  switch (event.kind) {
    case EventKind::kSetTempo:
    case EventKind::kSetMeter:
    case EventKind::kSetKey:
    case EventKind::kMeta:
      return encode(track.metas[event.index]);
    case EventKind::kSysEx:
      return encode(track.sysex[event.index]);
    case EventKind::kMessage:
      return encode(track.messages[event.index]);
    case EventKind::kNoteStart:
      return encode_start(track.notes[event.index]);
    case EventKind::kNoteEnd:
    case EventKind::kEmptyNoteEnd:
      break;
  }
  return encode_end(track.notes[event.index]);
}

/// Whether the event is one that a Score holds in its lists of tempos, meters and keys.
bool is_change(const MetaEvent& event) {
  switch (event.type) {
    case kTempo:
      return decode_tempo(event.time, event.data).has_value();
    case kMeter:
      return decode_meter(event.time, event.data).has_value();
    case kKey:
      return decode_key(event.time, event.data).has_value();
    default:
      return false;
  }
}

/// Appends each change to the meta events of its track.
template <class Change>
void add_changes(const std::vector<Change>& changes, std::uint8_t type, const char* expected,
                 std::vector<Track>& tracks) {
  for (const Change& change : changes) {
    check_time(change.time);
    const std::optional<std::string> data = encode_change(change);
    require(data.has_value(), change.time, expected);
    Track& track = tracks[change.at.track < tracks.size() ? change.at.track : 0];
    track.metas.push_back({change.time, type, *data, change.at.place});
  }
}

/// Appends deltas and events, and leaves out a channel status that is in force.
class EventStream {
 public:
  void add(Ticks time, std::string_view bytes) {
    bridge(time);
    append_variable_length(bytes_, static_cast<std::uint32_t>((time - now_).count));
    now_ = time;
    const auto status = static_cast<std::uint8_t>(bytes.front());
    bytes_ += status == running_status_ ? bytes.substr(1) : bytes;
    running_status_ = status < kSysEx ? status : std::uint8_t{0};
  }

  /// The time of the last event.
  Ticks end() const { return now_; }

  std::string take() { return std::move(bytes_); }

 private:
  /// Crosses gaps that no delta time can hold by empty texts after the longest, which the reader
  /// drops.
  void bridge(Ticks time) {
    while ((time - now_).count > kMaxDelta) add(now_ + Ticks(kMaxDelta), meta(now_, kText, ""));
  }

  std::string bytes_;
  Ticks now_;
  std::uint8_t running_status_ = 0;
};

}  // namespace

std::vector<Track> with_changes(const Score& score) {
  std::vector<Track> tracks = score.tracks;
  const bool changes = !(score.tempos.empty() && score.meters.empty() && score.keys.empty());
  if (tracks.empty() && changes) tracks.emplace_back();
  for (const Track& track : tracks) {
    for (const MetaEvent& event : track.metas)
      require(!is_change(event), event.time, "tempos, meters and keys in the score's own lists");
  }
  add_changes(score.tempos, kTempo, "a tempo of 1 to 16777215 microseconds a quarter note", tracks);
  add_changes(score.meters, kMeter, "a meter with a power of two up to 128 as denominator", tracks);
  add_changes(score.keys, kKey, "a key of -7 to 7 sharps", tracks);
  return tracks;
}

std::string encode_track(std::span<const Track> tracks) {
  Ticks end;
  for (const Track& track : tracks) {
    for (const Note& note : track.notes) check(note);
    end = std::max(end, track.end);
  }
  EventStream stream;
  for (const EventRef& event : merge_events(tracks)) {
    check_time(event.time);
    stream.add(event.time, encode(tracks[event.track], event));
  }
  end = std::max(end, stream.end());
  require(end <= kMaxTime, end, "an end of track of 0 to 2^40 ticks");
  stream.add(end, meta(end, kEndOfTrack, ""));
  return stream.take();
}

}  // namespace musicvae::midi
