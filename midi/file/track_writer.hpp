#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "midi/score.hpp"

namespace musicvae::midi {

/// Encodes the events of one track chunk, with running status. Throws MidiError on values that a
/// file cannot hold.
class TrackWriter {
 public:
  void add(const Track& track);
  /// The Score's tempos, meters and keys.
  void add_changes(const Score& score);

  /// The data of the chunk, its end-of-track event included.
  std::string encode();

 private:
  /// The order of events at one time; events of one rank keep the order they came in. A note starts
  /// after everything that shapes it and after the notes that end; an empty note ends last.
  enum class Rank { kNoteEnd, kMeta, kMessage, kNoteStart, kEmptyNoteEnd };

  struct Event {
    Ticks time;
    Rank rank;
    std::size_t begin;  // An offset in bytes_, as is end.
    std::size_t end;
  };

  void add_note(const Note& note);
  void add_message(const ChannelMessage& message);
  void add_meta(Ticks time, std::uint8_t type, const std::string& data);
  void add_sysex(const SysEx& sysex);
  template <class Change>
  void add_changes(const std::vector<Change>& changes, std::uint8_t type, const char* expected);
  void add_event(Ticks time, Rank rank, const std::string& bytes);

  std::vector<Event> events_;
  std::string bytes_;
  Ticks end_;
};

}  // namespace musicvae::midi
