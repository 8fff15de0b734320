#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "midi/file/byte_cursor.hpp"
#include "midi/file/reader.hpp"
#include "midi/file/warning_log.hpp"
#include "midi/note_pairing.hpp"

namespace musicvae::midi {

/// What the tracks of one file share while they are read.
struct ReadState {
  ReadState(std::size_t file_bytes, bool strict);

  ReadResult result;  ///< Of the piece that is read. Its warnings are in `warnings` until the end.
  std::vector<ReadResult> sequences;  ///< The pieces that are done, in format 2.
  WarningLog warnings;
  std::vector<Note> notes;  ///< The notes of the track that is read; one allocation serves all.
  NotePairing pairing;
};

/// Reads the events of one track chunk. Tempos, meters and keys go to the Score's own lists; those
/// that say nothing valid are kept among the track's other meta events.
class TrackReader {
 public:
  /// `cursor` stands at the first event and ends no later than the track may.
  TrackReader(ByteCursor cursor, ReadState& state) : cursor_(cursor), state_(state) {}

  Track read();

  /// Where read() stopped: after the end-of-track event, or at the end of `cursor`.
  std::size_t offset() const { return cursor_.offset(); }

 private:
  void read_channel_messages();
  Ticks take_delta(ByteCursor& cursor);
  void add_channel_message(Ticks time, std::uint8_t status, std::uint8_t first,
                           std::uint8_t second);
  std::uint8_t interrupted_status(const ByteCursor& cursor);

  void read_other_event();
  void read_meta();
  void read_sysex(std::uint8_t status);
  void skip_system_message(std::uint8_t status);
  void skip_stray_data();
  std::optional<std::string_view> take_payload(const char* what);

  void add_meta(std::uint8_t type, std::string_view data, std::size_t offset);
  void add_text(std::uint8_t type, std::string_view data);
  template <class Change>
  bool add_change(std::vector<Change>& list, std::optional<Change> change, std::uint8_t type);

  void finish();

  ByteCursor cursor_;
  ReadState& state_;
  Track track_;
  TickOrder order_;
  Ticks time_;
  Ticks delta_;                      // The last delta time.
  std::uint8_t running_status_ = 0;  // 0 where none is in force.
  std::uint8_t last_status_ = 0;     // The last channel message's, in force or not.
  bool ended_ = false;
};

}  // namespace musicvae::midi
