#pragma once

#include <cstddef>
#include <string_view>

#include "midi/file/smf_header.hpp"
#include "midi/file/track_reader.hpp"

namespace musicvae::midi {

/// Reads the chunks that follow the header, whatever their sizes claim.
class ChunkReader {
 public:
  ChunkReader(std::string_view file, const SmfHeader& header, ReadState& state)
      : file_(file.substr(0, header.end_of_music)),
        position_(header.first_chunk),
        claimed_tracks_(header.tracks),
        tracks_are_pieces_(header.format == 2),
        state_(state) {}

  /// Appends a Track for each track chunk, in linear time; in format 2 each to a piece of its own.
  void read();

  /// The number of tracks read.
  std::size_t tracks() const { return tracks_; }

 private:
  struct Chunk {
    std::string_view name;
    std::size_t data;         // Offset of its first data byte.
    std::size_t claimed_end;  // data plus the size it claims.
  };

  Chunk chunk_header() const;
  void read_track(const Chunk& chunk);
  void end_piece();
  void warn_of_size(const Chunk& chunk, std::size_t end);
  void skip_chunk(const Chunk& chunk);
  void skip_junk();

  bool is_credible_end(std::size_t offset) const;
  std::size_t next_track(std::size_t from) const;

  std::string_view file_;
  std::size_t position_;
  std::size_t claimed_tracks_;
  bool tracks_are_pieces_;
  std::size_t tracks_ = 0;
  ReadState& state_;
};

}  // namespace musicvae::midi
