#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "src/base/quantity.hpp"

/// A MIDI file as values. Times are absolute ticks from the start of the file.
namespace musicvae::midi {

using Ticks = Quantity<struct TicksTag, std::int64_t>;
using Seconds = Quantity<struct SecondsTag, double>;

inline constexpr int kPitches = 128;
inline constexpr std::uint8_t kDrumChannel = 9;  ///< General MIDI's channel 10, counted from 0.

/// A place among the events of one track at one tick. Places of one number are taken in the order
/// of EventKind (midi/event_order.hpp), notes by channel and pitch, and lower numbers come first.
/// Where all are 0, notes end before anything else happens, and begin after it.
using TickPlace = std::uint16_t;

/// The release velocity of a note that ends by a note-on of velocity 0, which says none.
inline constexpr std::uint8_t kNoRelease = 0x80;

/// One sounding note: a note-on paired with the note-off that ends it.
struct Note {
  Ticks onset;
  Ticks duration;
  std::uint8_t channel = 0;                    ///< 0-15.
  std::uint8_t pitch = 60;                     ///< 0-127, 60 is middle C.
  std::uint8_t velocity = 64;                  ///< 1-127.
  std::uint8_t release_velocity = kNoRelease;  ///< 0-127, or kNoRelease.
  TickPlace onset_place = 0;                   ///< Of the note-on at its tick.
  TickPlace end_place = 0;                     ///< Of the note-off at its tick.

  bool operator==(const Note&) const = default;
};

/// Ends `note` at `time`, before all else that happens then, unless it ends earlier.
inline void end_by(Note& note, Ticks time) {
  if (note.onset + note.duration <= time) return;
  note.duration = time - note.onset;
  note.end_place = 0;
}

/// A channel message other than a note: program or control change, pitch bend, pressure.
struct ChannelMessage {
  Ticks time;
  std::uint8_t status = 0;  ///< 0xA0-0xEF, channel in the low nibble.
  std::array<std::uint8_t, 2> data{};
  TickPlace place = 0;

  std::uint8_t channel() const { return status & 0x0F; }
  bool is_program_change() const { return (status & 0xF0) == 0xC0; }
  bool operator==(const ChannelMessage&) const = default;
};

/// Types of meta events that a Score holds as values.
inline constexpr std::uint8_t kTempo = 0x51;
inline constexpr std::uint8_t kMeter = 0x58;
inline constexpr std::uint8_t kKey = 0x59;

/// Types of meta events that a Score keeps as they are, and that midi/orchestra.hpp reads.
inline constexpr std::uint8_t kTrackName = 0x03;
inline constexpr std::uint8_t kInstrumentName = 0x04;
inline constexpr std::uint8_t kChannelPrefix = 0x20;
inline constexpr std::uint8_t kPort = 0x21;

/// A text, marker, lyric or other meta event that the Score does not hold as a value: also a tempo,
/// meter or key whose data say nothing valid.
struct MetaEvent {
  Ticks time;
  std::uint8_t type = 0;  ///< 0x00-0x7F, as in the SMF standard.
  std::string data;
  TickPlace place = 0;

  bool operator==(const MetaEvent&) const = default;
};

/// A system exclusive message (status 0xF0) or an escape or continuation (status 0xF7).
struct SysEx {
  Ticks time;
  std::uint8_t status = 0xF0;
  std::string data;  ///< What follows the length in the file, a closing 0xF7 included.
  TickPlace place = 0;

  bool operator==(const SysEx&) const = default;
};

/// One track chunk. Every list is sorted by time, then place, but notes of one onset by channel,
/// then pitch.
struct Track {
  std::vector<Note> notes;
  std::vector<ChannelMessage> messages;
  std::vector<MetaEvent> metas;
  std::vector<SysEx> sysex;
  Ticks end;  ///< Time of the end-of-track event, not before the last event.

  bool operator==(const Track&) const = default;
};

/// Where a tempo, meter or key stands: in a track, by its index, among the events of its tick.
struct TrackPlace {
  std::size_t track = 0;
  TickPlace place = 0;

  bool operator==(const TrackPlace&) const = default;
};

struct Tempo {
  Ticks time;
  std::uint32_t microseconds_per_quarter = 500'000;
  TrackPlace at = {};

  double quarters_per_minute() const { return 60e6 / microseconds_per_quarter; }
  bool operator==(const Tempo&) const = default;
};

/// A time signature, such as 6/8.
struct Meter {
  std::uint8_t numerator = 4;
  std::uint16_t denominator = 4;  ///< A power of two.

  auto operator<=>(const Meter&) const = default;
};

struct MeterChange {
  Ticks time;
  Meter meter;
  std::uint8_t clocks_per_click = 24;
  std::uint8_t thirty_seconds_per_quarter = 8;
  TrackPlace at = {};

  bool operator==(const MeterChange&) const = default;
};

struct KeyChange {
  Ticks time;
  std::int8_t sharps = 0;  ///< -7 (seven flats) to 7.
  bool minor = false;
  TrackPlace at = {};

  bool operator==(const KeyChange&) const = default;
};

/// How ticks relate to time: pulses per quarter note, or SMPTE frames of a fixed length.
struct Division {
  int ticks_per_quarter = 480;  ///< 0 under SMPTE.
  int frames_per_second = 0;    ///< 24, 25, 29 (drop frame) or 30 under SMPTE, else 0.
  int ticks_per_frame = 0;

  bool is_smpte() const { return frames_per_second != 0; }
  bool operator==(const Division&) const = default;
};

/// One piece of music: a whole file, or one sequence of a file of format 2. Tempo, meter and key
/// lists are sorted by time, then track and place, and hold only what the file says, all of it. Of
/// several at one time the last is in force; where the file is silent, 120 quarters a minute, 4/4
/// and no key are.
struct Score {
  int format = 1;  ///< 0, 1 or 2.
  Division division;
  std::vector<Track> tracks;
  std::vector<Tempo> tempos;
  std::vector<MeterChange> meters;
  std::vector<KeyChange> keys;

  bool operator==(const Score&) const = default;
};

/// One tempo, meter or key for each time at which there are any: the one in force, for a score with
/// other tracks.
template <class Change>
std::vector<Change> in_force(const std::vector<Change>& changes) {
  std::vector<Change> kept;
  for (const Change& change : changes) {
    if (!kept.empty() && kept.back().time == change.time) kept.pop_back();
    kept.push_back(change);
    kept.back().at = {};
  }
  return kept;
}

/// Number of notes over all tracks.
std::size_t note_count(const Score& score);
/// A track that ends more bars than these behind the music ends there by mistake.
inline constexpr int kMostSilentBars = 32;

/// The length of a bar of the meter in force at `time`; 2 seconds under SMPTE.
Ticks bar_length_at(const Score& score, Ticks time);
/// Where the music ends: with the longest track, or with the last note or channel message where
/// that lies more than kMostSilentBars before.
Ticks end_time(const Score& score);

/// Ticks to seconds and back through the tempo map.
class TempoMap {
 public:
  explicit TempoMap(const Score& score);

  Seconds seconds(Ticks time) const;
  Ticks ticks(Seconds time) const;  ///< Rounded to the nearest tick.

 private:
  struct Segment {
    Ticks start;
    double start_seconds;
    double seconds_per_tick;
  };
  std::vector<Segment> segments_;  // Never empty; the first starts at tick 0.
};

}  // namespace musicvae::midi
