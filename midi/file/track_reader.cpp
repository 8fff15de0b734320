#include "midi/file/track_reader.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "midi/file/smf.hpp"

namespace musicvae::midi {
namespace {

/// A note takes some eight bytes, on and off. Where a file packs notes tighter, the list grows.
constexpr std::size_t kTypicalNoteBytes = 8;
constexpr std::size_t kMaxReservedNotes = 1 << 16;

bool is_data(std::uint8_t byte) { return byte < 0x80; }

std::uint8_t clamp_data(std::uint8_t byte) { return std::min<std::uint8_t>(byte, 0x7F); }

/// Data bytes of the messages that belong on a wire and not in a file, 0xF1 to 0xFE.
std::size_t system_data_bytes(std::uint8_t status) {
  if (status == 0xF2) return 2;
  return status == 0xF1 || status == 0xF3 ? 1 : 0;
}

}  // namespace

ReadState::ReadState(std::size_t file_bytes, bool strict) : warnings(strict) {
  notes.reserve(std::min(file_bytes / kTypicalNoteBytes, kMaxReservedNotes));
}

Track TrackReader::read() {
  state_.notes.clear();
  while (!ended_ && !cursor_.at_end()) {
    read_channel_messages();
    if (!cursor_.at_end()) read_other_event();
  }
  finish();
  return std::move(track_);
}

/// Channel messages are the greater part of any file, so this works on locals, which stay in
/// registers. It stops at the status of any other event, after that event's delta time.
void TrackReader::read_channel_messages() {
  ByteCursor cursor = cursor_;
  Ticks time = time_;
  std::uint8_t status = running_status_;
  while (!cursor.at_end()) {
    const std::size_t start = cursor.offset();
    delta_ = take_delta(cursor);
    time += delta_;
    if (time > kMaxTime) [[unlikely]] {
      state_.warnings.add(start, "the time passes 2^40 ticks; it stays there");
      time = kMaxTime;
    }
    const std::uint8_t next = cursor.peek();
    if (next >= kSysEx) break;
    if (!is_data(next)) {
      status = cursor.take();
    } else if (status == 0) {
      status = interrupted_status(cursor);
      if (status == 0) break;
    }
    if (cursor.remaining() < data_bytes(status)) [[unlikely]] {
      state_.warnings.add(start, "the track ends within a channel message; ignored");
      cursor.skip(cursor.remaining());
      break;
    }
    std::uint8_t first = cursor.take();
    std::uint8_t second = data_bytes(status) == 2 ? cursor.take() : std::uint8_t{0};
    if (!is_data(first | second)) [[unlikely]] {
      state_.warnings.add(start, "a data byte is above 127; read as 127");
      first = clamp_data(first);
      second = clamp_data(second);
    }
    add_channel_message(time, status, first, second);
  }
  cursor_ = cursor;
  time_ = time;
  running_status_ = status;
  if (status != 0) last_status_ = status;
}

inline Ticks TrackReader::take_delta(ByteCursor& cursor) {
  if (is_data(cursor.peek())) return Ticks(cursor.take());
  const std::size_t start = cursor.offset();
  const Ticks delta(cursor.take_variable_length());
  if (cursor.offset() - start > kMaxVariableLengthBytes) [[unlikely]]
    state_.warnings.add(start, "a delta time is longer than 4 bytes; its low 28 bits count");
  return delta;
}

inline void TrackReader::add_channel_message(Ticks time, std::uint8_t status, std::uint8_t first,
                                             std::uint8_t second) {
  const auto kind = static_cast<std::uint8_t>(status & 0xF0);
  const auto channel = static_cast<std::uint8_t>(status & 0x0F);
  if (kind == kNoteOn && second > 0) {
    state_.pairing.press(state_.notes, order_, time, channel, first, second);
  } else if (kind <= kNoteOn) {
    const std::uint8_t velocity = kind == kNoteOn ? kNoRelease : second;
    state_.pairing.release(state_.notes, order_, time, channel, first, velocity);
  } else {
    const TickPlace place = order_.place(time, EventKind::kMessage);
    track_.messages.push_back({time, status, {first, second}, place});
  }
}

/// The status to resume after a meta or SysEx event; 0 where there is none. By the standard such an
/// event ends running status, but writers forget and players forgive.
std::uint8_t TrackReader::interrupted_status(const ByteCursor& cursor) {
  if (last_status_ != 0 && !cursor.at_end())
    state_.warnings.add(cursor.offset(), "running status goes on across a meta or SysEx event");
  return last_status_;
}

void TrackReader::read_other_event() {
  if (is_data(cursor_.peek())) return skip_stray_data();
  const std::uint8_t status = cursor_.take();
  if (status == kMeta) return read_meta();
  if (status == kSysEx || status == kEscape) return read_sysex(status);
  skip_system_message(status);
}

void TrackReader::read_meta() {
  const std::size_t offset = cursor_.offset() - 1;
  const std::uint8_t type = cursor_.take();
  running_status_ = 0;
  ended_ = type == kEndOfTrack;
  if (const auto data = take_payload("a meta event")) add_meta(type, *data, offset);
}

void TrackReader::read_sysex(std::uint8_t status) {
  running_status_ = 0;
  if (const auto data = take_payload("a SysEx event")) {
    const TickPlace place = order_.place(time_, EventKind::kSysEx);
    track_.sysex.push_back({time_, status, std::string(*data), place});
  }
}

/// Real-time messages leave running status alone, the others end it, as on a wire.
void TrackReader::skip_system_message(std::uint8_t status) {
  state_.warnings.add(cursor_.offset() - 1, "a message that has no place in a file; ignored");
  if (status < 0xF8) running_status_ = 0;
  for (std::size_t left = system_data_bytes(status); left > 0 && is_data(cursor_.peek()); --left)
    cursor_.skip(1);
}

/// Goes on at the next status byte, and takes the byte before it for its delta time.
void TrackReader::skip_stray_data() {
  const std::size_t start = cursor_.offset();
  while (!cursor_.at_end() && is_data(cursor_.peek())) cursor_.skip(1);
  const std::size_t skipped = cursor_.offset() - start;
  state_.warnings.add(start, std::to_string(skipped) + " data bytes without a status; ignored");
  if (!cursor_.at_end()) cursor_.seek(cursor_.offset() - 1);
}

/// The bytes that a length announces; nullopt, with a warning, where the track ends before.
std::optional<std::string_view> TrackReader::take_payload(const char* what) {
  const std::size_t start = cursor_.offset();
  const std::size_t length = cursor_.take_variable_length();
  if (cursor_.offset() - start > kMaxVariableLengthBytes)
    state_.warnings.add(start, "a length is longer than 4 bytes; its low 28 bits count");
  const std::size_t left = cursor_.remaining();
  const std::string_view data = cursor_.take_text(length);
  if (length <= left) return data;
  state_.warnings.add(start, std::string(what) + " announces " + std::to_string(length) +
                                 " bytes where the track has " + std::to_string(left) +
                                 "; ignored");
  return std::nullopt;
}

void TrackReader::add_meta(std::uint8_t type, std::string_view data, std::size_t offset) {
  Score& score = state_.result.score;
  const char* expected = nullptr;
  switch (type) {
    case kEndOfTrack:
      if (!data.empty()) state_.warnings.add(offset, "the end-of-track event holds data; ignored");
      return;
    case kTempo:
      if (add_change(score.tempos, decode_tempo(time_, data), type)) return;
      expected = "a tempo of 3 bytes above 0";
      break;
    case kMeter:
      if (add_change(score.meters, decode_meter(time_, data), type)) return;
      expected = "a meter of 4 bytes with a denominator up to 128";
      break;
    case kKey:
      if (add_change(score.keys, decode_key(time_, data), type)) return;
      expected = "a key of 2 bytes, -7 to 7 sharps and 0 or 1 for minor";
      break;
    default:
      if (type > kMaxMetaType) expected = "a meta type up to 127";
  }
  if (expected != nullptr)
    state_.warnings.add(offset, std::string("expected ") + expected + "; ignored");
  if (type <= kMaxMetaType) add_text(type, data);
}

void TrackReader::add_text(std::uint8_t type, std::string_view data) {
  if (type == kText && data.empty() && delta_ == Ticks(kMaxDelta)) return;
  const TickPlace place = order_.place(time_, meta_kind(type));
  track_.metas.push_back({time_, type, std::string(data), place});
}

/// Whether there was one.
template <class Change>
bool TrackReader::add_change(std::vector<Change>& list, std::optional<Change> change,
                             std::uint8_t type) {
  if (!change) return false;
  change->at = {state_.result.score.tracks.size(), order_.place(time_, meta_kind(type), 1)};
  list.push_back(*change);
  return true;
}

void TrackReader::finish() {
  const std::size_t offset = cursor_.offset();
  if (!ended_) state_.warnings.add(offset, "the track has no end-of-track event");
  const std::size_t unclosed = state_.pairing.release_all(state_.notes, order_, time_);
  if (unclosed > 0)
    state_.warnings.add(offset, std::to_string(unclosed) + " notes never end; they end here");
  if (order_.overflowed())
    state_.warnings.add(offset, "more than 65536 events are out of order at one tick; sorted");
  state_.result.note_ons += state_.notes.size();
  sort_chords(state_.notes);
  track_.notes.assign(state_.notes.begin(), state_.notes.end());
  track_.end = time_;
}

}  // namespace musicvae::midi
