#include "midi/file/writer.hpp"

#include <algorithm>
#include <limits>
#include <span>
#include <string>

#include "midi/error.hpp"
#include "midi/file/smf.hpp"
#include "midi/file/track_writer.hpp"
#include "midi/orchestra.hpp"
#include "src/base/file.hpp"

namespace musicvae::midi {
namespace {

bool sounds_on_several_ports(const Score& score) {
  const std::vector<Voice> voices = find_orchestra(score).voices;
  return std::any_of(voices.begin(), voices.end(),
                     [&](const Voice& voice) { return voice.port != voices.front().port; });
}

int checked_format(const Score& score, const WriteOptions& options) {
  const int format = options.format.value_or(score.format);
  if (format < 0 || format > 2)
    throw MidiError("cannot write format " + std::to_string(format) + ": expected 0, 1 or 2");
  if (format == 2 && score.tracks.size() > 1)
    throw MidiError("cannot write several tracks in format 2, where each is a piece of its own");
  return format;
}

std::vector<std::string> encode_merged(const Score& score) {
  std::vector<std::string> chunks{encode_track(with_changes(score))};
  if (score.tracks.size() > 1 && sounds_on_several_ports(score))
    throw MidiError("cannot write tracks of several ports in format 0, which merges them");
  return chunks;
}

std::vector<std::string> encode_apart(const Score& score) {
  std::vector<std::string> chunks;
  const std::vector<Track> tracks = with_changes(score);
  for (const Track& track : tracks) chunks.push_back(encode_track(std::span(&track, 1)));
  return chunks;
}

void append_chunk(std::string& file, std::string_view name, std::string_view data) {
  if (data.size() > std::numeric_limits<std::uint32_t>::max())
    throw MidiError("cannot write a track of more than 4 GiB");
  file += name;
  append_big_endian(file, static_cast<std::uint32_t>(data.size()), 4);
  file += data;
}

std::string header_data(int format, std::size_t tracks, const Division& division) {
  const auto bits = encode_division(division);
  if (!bits)
    throw MidiError(
        "cannot write the time division: expected 1 to 32767 ticks a quarter note, or 1 to 255 "
        "ticks a frame at 24, 25, 29 or 30 frames a second");
  if (tracks > kMaxTracks)
    throw MidiError("cannot write " + std::to_string(tracks) + " tracks: expected at most 65535");
  std::string data;
  append_big_endian(data, static_cast<std::uint32_t>(format), 2);
  append_big_endian(data, static_cast<std::uint32_t>(tracks), 2);
  append_big_endian(data, *bits, 2);
  return data;
}

}  // namespace

std::vector<std::byte> write_midi(const Score& score, const WriteOptions& options) {
  const int format = checked_format(score, options);
  const auto chunks = format == 0 ? encode_merged(score) : encode_apart(score);
  std::string file;
  append_chunk(file, kHeaderChunk, header_data(format, chunks.size(), score.division));
  for (const std::string& chunk : chunks) append_chunk(file, kTrackChunk, chunk);
  const auto bytes = std::as_bytes(std::span(file));
  return {bytes.begin(), bytes.end()};
}

void write_midi_file(const Score& score, const std::filesystem::path& path,
                     const WriteOptions& options) {
  write_or_keep(path, write_midi(score, options));
}

}  // namespace musicvae::midi
