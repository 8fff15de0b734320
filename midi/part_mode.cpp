#include "midi/part_mode.hpp"

#include <algorithm>
#include <cstddef>
#include <initializer_list>

#include "midi/score.hpp"

namespace musicvae::midi {
namespace {

std::uint8_t byte_at(std::string_view data, std::size_t index) {
  return static_cast<std::uint8_t>(data[index]);
}

/// Whether `data` has these bytes at its beginning; a negative one stands for any.
bool begins_with(std::string_view data, std::initializer_list<int> bytes) {
  return data.size() >= bytes.size() &&
         std::equal(bytes.begin(), bytes.end(), data.begin(), [](int expected, char found) {
           return expected < 0 || expected == static_cast<std::uint8_t>(found);
         });
}

/// GS numbers the parts of channels 1 to 16 as 1 to 9, 0 and 10 to 15.
std::uint8_t channel_of_gs_part(int part) {
  if (part == 0) return kDrumChannel;
  return static_cast<std::uint8_t>(part <= kDrumChannel ? part - 1 : part);
}

int gs_part_of_channel(std::uint8_t channel) {
  if (channel == kDrumChannel) return 0;
  return channel < kDrumChannel ? channel + 1 : channel;
}

/// The checksum of the message that sets the mode of a part.
int gs_checksum(int part, int mode) { return 0x7F & -(0x40 + part + 0x15 + mode); }

}  // namespace

std::optional<Standard> decode_reset(std::string_view data) {
  if (begins_with(data, {0x7E, -1, 0x09, 0x01}) || begins_with(data, {0x7E, -1, 0x09, 0x03}))
    return Standard::kGeneralMidi;
  if (begins_with(data, {0x41, -1, 0x42, 0x12, 0x40, 0x00, 0x7F, 0x00})) return Standard::kGs;
  if (begins_with(data, {0x43, -1, 0x4C, 0x00, 0x00, 0x7E, 0x00})) return Standard::kXg;
  return std::nullopt;
}

std::optional<PartMode> decode_part_mode(std::string_view data) {
  const bool gs = begins_with(data, {0x41, -1, 0x42, 0x12, 0x40, -1, 0x15, -1});
  if (gs && (byte_at(data, 5) & 0xF0) == 0x10)
    return PartMode{channel_of_gs_part(byte_at(data, 5) & 0x0F), byte_at(data, 7) != 0};
  if (begins_with(data, {0x43, -1, 0x4C, 0x08, -1, 0x07, -1}) && byte_at(data, 4) < 16)
    return PartMode{byte_at(data, 4), byte_at(data, 6) != 0};
  return std::nullopt;
}

bool bank_has_drums(Standard standard, std::uint8_t channel, std::uint8_t bank) {
  const bool usual = channel == kDrumChannel;
  if (standard == Standard::kGs) return usual;
  if (bank == 126 || bank == 127) return true;
  if (standard == Standard::kXg) return false;
  return bank == 120 || (usual && bank != 121);
}

std::string encode_part_mode(const PartMode& mode) {
  const int part = 0x10 | gs_part_of_channel(mode.channel), map = mode.drums ? 1 : 0;
  std::string data;
  for (const int byte :
       {0x41, 0x10, 0x42, 0x12, 0x40, part, 0x15, map, gs_checksum(part, map), 0xF7})
    data += static_cast<char>(byte);
  return data;
}

std::string with_part_mode(std::string data, const PartMode& mode) {
  const bool xg = byte_at(data, 0) == 0x43;
  char& setting = data[xg ? 6 : 7];
  if ((setting != 0) != mode.drums) setting = mode.drums ? 1 : 0;
  if (xg) {
    data[4] = static_cast<char>(mode.channel);
    return data;
  }
  const int part = 0x10 | gs_part_of_channel(mode.channel);
  data[5] = static_cast<char>(part);
  if (data.size() > 8) data[8] = static_cast<char>(gs_checksum(part, setting));
  return data;
}

}  // namespace musicvae::midi
