#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "midi/score.hpp"

/// What the reader and the writer share of the Standard MIDI File format (RP-001).
namespace musicvae::midi {

inline constexpr std::string_view kHeaderChunk = "MThd";
inline constexpr std::string_view kTrackChunk = "MTrk";
inline constexpr std::size_t kChunkHeaderBytes = 8;  ///< A chunk's name and its size.
inline constexpr std::size_t kHeaderDataBytes = 6;   ///< Format, number of tracks, division.
inline constexpr std::size_t kMaxTracks = 0xFFFF;
inline constexpr std::size_t kMaxVariableLengthBytes = 4;

/// Times beyond this are damage: reading stops the clock here, writing refuses them.
inline constexpr Ticks kMaxTime{std::int64_t{1} << 40};

enum Status : std::uint8_t {
  kNoteOff = 0x80,
  kNoteOn = 0x90,
  kSysEx = 0xF0,
  kEscape = 0xF7,
  kMeta = 0xFF,
};

/// Meta events that the file format itself has a use for.
enum MetaType : std::uint8_t {
  kText = 0x01,
  kEndOfTrack = 0x2F,
  kMaxMetaType = 0x7F,
};

/// The longest delta time.
inline constexpr std::int64_t kMaxDelta = 0x0FFF'FFFF;

/// Denominators above 2 to this power are taken for damage.
inline constexpr int kMaxDenominatorExponent = 7;

/// Program change and channel pressure have one data byte, all other channel messages two.
constexpr std::size_t data_bytes(std::uint8_t status) { return (status & 0xE0) == 0xC0 ? 1 : 2; }

/// nullopt where `data` has the wrong length or a value that means nothing.
std::optional<Tempo> decode_tempo(Ticks time, std::string_view data);
std::optional<MeterChange> decode_meter(Ticks time, std::string_view data);
std::optional<KeyChange> decode_key(Ticks time, std::string_view data);
std::optional<Division> decode_division(std::uint16_t division);

/// The inverse; nullopt where decoding would not give the same value back.
std::optional<std::string> encode_change(const Tempo& tempo);
std::optional<std::string> encode_change(const MeterChange& change);
std::optional<std::string> encode_change(const KeyChange& change);
std::optional<std::uint16_t> encode_division(const Division& division);

void append_big_endian(std::string& bytes, std::uint32_t value, int count);
/// Appends `value`, which is below 2^28, as a variable-length quantity.
void append_variable_length(std::string& bytes, std::uint32_t value);

}  // namespace musicvae::midi
