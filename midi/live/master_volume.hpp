#pragma once

#include <optional>
#include <string_view>

/// The universal system exclusive message that sets how loud a whole device is (MIDI 1.0, 7F 04
/// 01).
namespace musicvae::midi {

/// The volume that a whole message, from 0xF0 to 0xF7, sets: 0 to 1; nullopt where it is another.
constexpr std::optional<double> decode_master_volume(std::string_view message) {
  // F0 7F device 04 01 low high F7.
  const bool is_one = message.size() == 8 && message.substr(0, 2) == "\xF0\x7F" &&
                      message.substr(3, 2) == "\x04\x01";
  if (!is_one) return std::nullopt;
  return static_cast<double>(message[6] << 7 | message[5]) / 0x3FFF;
}

inline constexpr std::string_view kFullMasterVolume = "\xF0\x7F\x7F\x04\x01\x7F\x7F\xF7";

}  // namespace musicvae::midi
