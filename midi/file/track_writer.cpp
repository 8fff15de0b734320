#include "midi/file/track_writer.hpp"

#include <algorithm>
#include <string_view>
#include <tuple>

#include "midi/error.hpp"
#include "midi/file/smf.hpp"

namespace musicvae::midi {
namespace {

constexpr std::int64_t kMaxDelta = 0x0FFF'FFFF;

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

  std::string take() { return std::move(bytes_); }

 private:
  /// Crosses gaps that no delta time can hold by empty texts, which the reader drops.
  void bridge(Ticks time) {
    while ((time - now_).count > kMaxDelta) add(now_ + Ticks(kMaxDelta), meta(now_, kText, ""));
  }

  std::string bytes_;
  Ticks now_;
  std::uint8_t running_status_ = 0;
};

}  // namespace

void TrackWriter::add(const Track& track) {
  if (!track.name.empty()) add_meta(Ticks(0), kTrackName, track.name);
  for (const MetaEvent& event : track.metas) add_meta(event.time, event.type, event.data);
  for (const SysEx& sysex : track.sysex) add_sysex(sysex);
  for (const ChannelMessage& message : track.messages) add_message(message);
  for (const Note& note : track.notes) add_note(note);
  end_ = std::max(end_, track.end);
}

void TrackWriter::add_changes(const Score& score) {
  add_changes(score.tempos, kTempo, "a tempo of 1 to 16777215 microseconds a quarter note");
  add_changes(score.meters, kMeter, "a meter with a power of two up to 128 as denominator");
  add_changes(score.keys, kKey, "a key of -7 to 7 sharps");
}

template <class Change>
void TrackWriter::add_changes(const std::vector<Change>& changes, std::uint8_t type,
                              const char* expected) {
  for (const Change& change : changes) {
    const std::optional<std::string> data = encode_change(change);
    require(data.has_value(), change.time, expected);
    add_event(change.time, Rank::kMeta, meta(change.time, type, *data));
  }
}

void TrackWriter::add_note(const Note& note) {
  require(note.channel < 16, note.onset, "a channel of 0 to 15");
  require(note.pitch < kPitches, note.onset, "a pitch of 0 to 127");
  require(note.velocity >= 1 && note.velocity <= 127, note.onset, "a velocity of 1 to 127");
  require(note.release_velocity <= 127, note.onset, "a release velocity of 0 to 127");
  require(note.duration >= Ticks(0) && note.duration <= kMaxTime, note.onset,
          "a duration of 0 to 2^40 ticks");
  const auto on = static_cast<std::uint8_t>(kNoteOn | note.channel);
  const auto off = static_cast<std::uint8_t>(kNoteOff | note.channel);
  add_event(note.onset, Rank::kNoteStart, channel_message(on, note.pitch, note.velocity));
  // A note-on of velocity 0 says the same as a release at 0, and keeps the status running.
  add_event(
      note.onset + note.duration, note.duration == Ticks(0) ? Rank::kEmptyNoteEnd : Rank::kNoteEnd,
      channel_message(note.release_velocity == 0 ? on : off, note.pitch, note.release_velocity));
}

void TrackWriter::add_message(const ChannelMessage& message) {
  require(message.status >= kNoteOn + 0x10 && message.status < kSysEx, message.time,
          "a channel message other than a note");
  require(message.data[0] <= 127 && message.data[1] <= 127, message.time, "data of 0 to 127");
  require(data_bytes(message.status) == 2 || message.data[1] == 0, message.time,
          "no second data byte");
  add_event(message.time, Rank::kMessage,
            channel_message(message.status, message.data[0], message.data[1]));
}

void TrackWriter::add_meta(Ticks time, std::uint8_t type, const std::string& data) {
  const bool modelled = type == kEndOfTrack || type == kTempo || type == kMeter || type == kKey;
  require(type <= kMaxMetaType && !modelled, time,
          "a meta type of 0 to 127 that the Score does not hold elsewhere");
  add_event(time, Rank::kMeta, meta(time, type, data));
}

void TrackWriter::add_sysex(const SysEx& sysex) {
  require(sysex.status == kSysEx || sysex.status == kEscape, sysex.time, "status 0xF0 or 0xF7");
  add_event(sysex.time, Rank::kMessage, sized(sysex.status, "", sysex.time, sysex.data));
}

void TrackWriter::add_event(Ticks time, Rank rank, const std::string& bytes) {
  require(time >= Ticks(0) && time <= kMaxTime, time, "a time of 0 to 2^40 ticks");
  events_.push_back({time, rank, bytes_.size(), bytes_.size() + bytes.size()});
  bytes_ += bytes;
  end_ = std::max(end_, time);
}

std::string TrackWriter::encode() {
  require(end_ <= kMaxTime, end_, "an end of track of 0 to 2^40 ticks");
  std::stable_sort(events_.begin(), events_.end(), [](const Event& a, const Event& b) {
    return std::tie(a.time, a.rank) < std::tie(b.time, b.rank);
  });
  EventStream stream;
  for (const Event& event : events_)
    stream.add(event.time, std::string_view(bytes_).substr(event.begin, event.end - event.begin));
  stream.add(end_, meta(end_, kEndOfTrack, ""));
  return stream.take();
}

}  // namespace musicvae::midi
