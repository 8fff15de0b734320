#include "midi/file/chunk_reader.hpp"

#include <algorithm>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "midi/file/smf.hpp"

namespace musicvae::midi {
namespace {

bool is_chunk_name(std::string_view name) {
  return std::all_of(name.begin(), name.end(), [](char c) { return c >= ' ' && c <= '~'; });
}

ByteCursor cursor_over(std::string_view file, std::size_t begin, std::size_t end) {
  ByteCursor cursor(std::as_bytes(std::span(file.substr(0, end))));
  cursor.skip(begin);
  return cursor;
}

}  // namespace

void ChunkReader::read() {
  while (file_.size() - position_ >= kChunkHeaderBytes && tracks_ < kMaxTracks) {
    const Chunk chunk = chunk_header();
    if (chunk.name == kTrackChunk)
      read_track(chunk);
    else if (is_chunk_name(chunk.name) && chunk.claimed_end <= file_.size())
      skip_chunk(chunk);
    else
      skip_junk();
  }
  if (position_ < file_.size()) skip_junk();
}

ChunkReader::Chunk ChunkReader::chunk_header() const {
  ByteCursor cursor = cursor_over(file_, position_, file_.size());
  const std::string_view name = cursor.take_text(4);
  const std::size_t size = cursor.take_big_endian(4);
  return {name, cursor.offset(), cursor.offset() + size};
}

/// A size is believed if a chunk or the end of the file follows. Otherwise the events tell where
/// the track ends, which is before the next track chunk.
void ChunkReader::read_track(const Chunk& chunk) {
  const bool credible = is_credible_end(chunk.claimed_end);
  const std::size_t limit = credible ? chunk.claimed_end : next_track(chunk.data);
  TrackReader reader(cursor_over(file_, chunk.data, limit), state_);
  state_.result.score.tracks.push_back(reader.read());
  ++tracks_;
  if (reader.offset() != chunk.claimed_end) warn_of_size(chunk, reader.offset());
  position_ = reader.offset();
  if (credible && !file_.substr(position_).starts_with(kTrackChunk)) position_ = chunk.claimed_end;
  state_.result.end = position_;
  if (tracks_are_pieces_) end_piece();
}

void ChunkReader::end_piece() {
  state_.result.sequence = tracks_;
  state_.sequences.push_back(std::exchange(state_.result, {}));
}

void ChunkReader::warn_of_size(const Chunk& chunk, std::size_t end) {
  state_.warnings.add(position_,
                      "a track chunk claims " + std::to_string(chunk.claimed_end - chunk.data) +
                          " bytes, its events end after " + std::to_string(end - chunk.data));
}

void ChunkReader::skip_chunk(const Chunk& chunk) {
  state_.warnings.add(position_, "unknown chunk '" + std::string(chunk.name) + "'; ignored");
  position_ = chunk.claimed_end;
}

/// Tracks beyond junk are read only where some are missing: they may well be another copy.
void ChunkReader::skip_junk() {
  const bool complete = tracks_ >= claimed_tracks_;
  const std::size_t end = complete ? file_.size() : next_track(position_);
  state_.warnings.add(position_,
                      std::to_string(end - position_) + " bytes that belong to no chunk; ignored");
  position_ = end;
}

bool ChunkReader::is_credible_end(std::size_t offset) const {
  if (offset >= file_.size()) return offset == file_.size();
  const std::string_view rest = file_.substr(offset);
  return rest.size() >= kChunkHeaderBytes && is_chunk_name(rest.substr(0, 4));
}

std::size_t ChunkReader::next_track(std::size_t from) const {
  return std::min(file_.find(kTrackChunk, from), file_.size());
}

}  // namespace musicvae::midi
