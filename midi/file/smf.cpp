#include "midi/file/smf.hpp"

#include <bit>

namespace musicvae::midi {
namespace {

std::uint8_t byte_at(std::string_view data, std::size_t index) {
  return static_cast<std::uint8_t>(data[index]);
}

template <class Change, class Decode>
std::optional<std::string> if_decodable(const Change& change, std::string data, Decode decode) {
  std::optional<Change> decoded = decode(change.time, data);
  if (decoded) decoded->at = change.at;
  if (decoded != change) return std::nullopt;
  return data;
}

}  // namespace

std::optional<Tempo> decode_tempo(Ticks time, std::string_view data) {
  if (data.size() != 3) return std::nullopt;
  const std::uint32_t microseconds = static_cast<std::uint32_t>(byte_at(data, 0)) << 16 |
                                     static_cast<std::uint32_t>(byte_at(data, 1)) << 8 |
                                     byte_at(data, 2);
  if (microseconds == 0) return std::nullopt;
  return Tempo{time, microseconds, {}};
}

std::optional<MeterChange> decode_meter(Ticks time, std::string_view data) {
  if (data.size() != 4 || byte_at(data, 0) == 0) return std::nullopt;
  if (byte_at(data, 1) > kMaxDenominatorExponent) return std::nullopt;
  const auto denominator = static_cast<std::uint16_t>(1u << byte_at(data, 1));
  return MeterChange{time, {byte_at(data, 0), denominator}, byte_at(data, 2), byte_at(data, 3), {}};
}

std::optional<KeyChange> decode_key(Ticks time, std::string_view data) {
  if (data.size() != 2 || byte_at(data, 1) > 1) return std::nullopt;
  const auto sharps = static_cast<std::int8_t>(data[0]);
  if (sharps < -7 || sharps > 7) return std::nullopt;
  return KeyChange{time, sharps, data[1] == 1, {}};
}

std::optional<Division> decode_division(std::uint16_t division) {
  if (division < 0x8000) {
    return division == 0 ? std::nullopt : std::optional(Division{division, 0, 0});
  }
  const int frames = 0x100 - (division >> 8);
  const int ticks = division & 0xFF;
  const bool known = frames == 24 || frames == 25 || frames == 29 || frames == 30;
  return known && ticks > 0 ? std::optional(Division{0, frames, ticks}) : std::nullopt;
}

std::optional<std::string> encode_change(const Tempo& tempo) {
  const std::uint32_t microseconds = tempo.microseconds_per_quarter;
  return if_decodable(tempo,
                      {static_cast<char>(microseconds >> 16), static_cast<char>(microseconds >> 8),
                       static_cast<char>(microseconds)},
                      decode_tempo);
}

std::optional<std::string> encode_change(const MeterChange& change) {
  const int exponent = std::bit_width(change.meter.denominator) - 1;
  return if_decodable(change,
                      {static_cast<char>(change.meter.numerator), static_cast<char>(exponent),
                       static_cast<char>(change.clocks_per_click),
                       static_cast<char>(change.thirty_seconds_per_quarter)},
                      decode_meter);
}

std::optional<std::string> encode_change(const KeyChange& change) {
  return if_decodable(change,
                      {static_cast<char>(change.sharps), static_cast<char>(change.minor ? 1 : 0)},
                      decode_key);
}

std::optional<std::uint16_t> encode_division(const Division& division) {
  const int bits = division.is_smpte()
                       ? (0x100 - division.frames_per_second) << 8 | division.ticks_per_frame
                       : division.ticks_per_quarter;
  const auto encoded = static_cast<std::uint16_t>(bits);
  return decode_division(encoded) == division ? std::optional(encoded) : std::nullopt;
}

void append_big_endian(std::string& bytes, std::uint32_t value, int count) {
  for (int shift = 8 * (count - 1); shift >= 0; shift -= 8)
    bytes += static_cast<char>(value >> shift);
}

void append_variable_length(std::string& bytes, std::uint32_t value) {
  for (int shift = 21; shift > 0; shift -= 7)
    if (value >> shift) bytes += static_cast<char>(0x80 | (value >> shift & 0x7F));
  bytes += static_cast<char>(value & 0x7F);
}

}  // namespace musicvae::midi
