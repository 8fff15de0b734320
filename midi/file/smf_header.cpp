#include "midi/file/smf_header.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <optional>
#include <span>
#include <string>

#include "midi/file/byte_cursor.hpp"
#include "midi/file/smf.hpp"

namespace musicvae::midi {
namespace {

constexpr std::size_t kHeaderBytes = kChunkHeaderBytes + kHeaderDataBytes;

struct Extent {
  std::size_t begin;
  std::size_t end;
};

std::string quoted(std::string_view bytes) {
  std::string text = "'";
  for (const char c : bytes) {
    char hex[5];
    std::snprintf(hex, sizeof hex, "\\x%02x", static_cast<unsigned char>(c));
    text += c >= ' ' && c <= '~' ? std::string(1, c) : std::string(hex);
  }
  return text + "'";
}

[[noreturn]] void refuse(std::string_view file) {
  if (file.empty()) throw MidiError("not a MIDI file: expected 'MThd', found nothing", 0);
  throw MidiError("not a MIDI file: expected 'MThd', found " + quoted(file.substr(0, 4)), 0);
}

ByteCursor cursor_at(std::string_view file, std::size_t offset) {
  ByteCursor cursor(std::as_bytes(std::span(file)));
  cursor.skip(offset);
  return cursor;
}

/// The data chunk of a RIFF RMID file (RP-029); nullopt where there is none.
std::optional<Extent> find_in_riff(std::string_view file, WarningLog& warnings) {
  if (!file.starts_with("RIFF") || !file.substr(4).substr(0, 8).ends_with("RMID")) return {};
  ByteCursor cursor = cursor_at(file, 12);
  while (cursor.remaining() >= kChunkHeaderBytes) {
    const std::size_t start = cursor.offset();
    const std::string_view name = cursor.take_text(4);
    const std::size_t size = cursor.take_little_endian(4);
    if (name == "data") {
      if (size > cursor.remaining())
        warnings.add(start, "the RIFF data chunk claims more bytes than the file has");
      return Extent{cursor.offset(), cursor.offset() + std::min(size, cursor.remaining())};
    }
    cursor.skip(size + size % 2);
  }
  return {};
}

Extent find_music(std::string_view file, WarningLog& warnings) {
  if (file.starts_with(kHeaderChunk)) return {0, file.size()};
  const auto wrapped = find_in_riff(file, warnings);
  if (wrapped && file.substr(wrapped->begin).starts_with(kHeaderChunk)) return *wrapped;
  const std::size_t begin = file.find(kHeaderChunk);
  if (begin == std::string_view::npos) refuse(file);
  warnings.add(0, std::to_string(begin) + " bytes before the header; ignored");
  return {begin, file.size()};
}

/// Headers may grow in a later standard, so the size counts, unless tracks begin before.
std::size_t end_of_header(std::string_view file, std::size_t offset, std::size_t size,
                          WarningLog& warnings) {
  const std::size_t usual = offset + kHeaderBytes;
  if (size == kHeaderDataBytes) return usual;
  warnings.add(offset + 4, "expected a header of 6 bytes, found " + std::to_string(size));
  const std::size_t claimed = std::min(offset + kChunkHeaderBytes + size, file.size());
  return file.substr(usual).starts_with(kTrackChunk) ? usual : std::max(usual, claimed);
}

Division checked_division(std::uint16_t bits, std::size_t offset, WarningLog& warnings) {
  const std::optional<Division> division = decode_division(bits);
  if (!division) warnings.add(offset, "no usable time division; 480 ticks a quarter note assumed");
  return division.value_or(Division{});
}

}  // namespace

SmfHeader read_smf_header(std::string_view file, WarningLog& warnings) {
  const Extent extent = find_music(file, warnings);
  file = file.substr(0, extent.end);
  if (extent.end - extent.begin < kHeaderBytes)
    throw MidiError("the MIDI header is cut short: expected 14 bytes, found " +
                        std::to_string(extent.end - extent.begin),
                    extent.begin);
  ByteCursor cursor = cursor_at(file, extent.begin + 4);
  const std::size_t size = cursor.take_big_endian(4);
  SmfHeader header;
  header.offset = extent.begin;
  header.format = static_cast<int>(cursor.take_big_endian(2));
  header.tracks = cursor.take_big_endian(2);
  const std::size_t division_offset = cursor.offset();
  header.division = checked_division(static_cast<std::uint16_t>(cursor.take_big_endian(2)),
                                     division_offset, warnings);
  header.first_chunk = end_of_header(file, extent.begin, size, warnings);
  header.end_of_music = extent.end;
  return header;
}

}  // namespace musicvae::midi
