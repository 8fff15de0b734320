#pragma once

#include <cstddef>
#include <string_view>

#include "midi/track_reader.hpp"

namespace musicvae::midi {

/// Reads the chunks that follow the header, whatever their sizes claim.
class ChunkReader {
 public:
  /// `file` ends where the music ends; `position` is the first chunk's.
  ChunkReader(std::string_view file, std::size_t position, ReadState& state)
      : file_(file), position_(position), state_(state) {}

  /// Appends a Track for each track chunk, in linear time.
  void read();

 private:
  struct Chunk {
    std::string_view name;
    std::size_t data;         // Offset of its first data byte.
    std::size_t claimed_end;  // data plus the size it claims.
  };

  Chunk chunk_header() const;
  void read_track(const Chunk& chunk);
  void warn_of_size(const Chunk& chunk, std::size_t end);
  void skip_chunk(const Chunk& chunk);
  void skip_junk();

  bool is_credible_end(std::size_t offset) const;
  std::size_t next_track(std::size_t from) const;

  std::string_view file_;
  std::size_t position_;
  ReadState& state_;
};

}  // namespace musicvae::midi
