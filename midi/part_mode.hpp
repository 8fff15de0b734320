#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// System exclusive messages that tell which channels are drums. Data is that of a SysEx event of
/// status 0xF0; its checksum is not looked at, as many files have a wrong one.
namespace musicvae::midi {

/// The standards in which the banks of programs differ in meaning.
enum class Standard { kGeneralMidi, kGs, kXg };

/// The standard to which a message resets all channels; nullopt where it is no reset.
std::optional<Standard> decode_reset(std::string_view data);

/// Whether a channel plays drums.
struct PartMode {
  std::uint8_t channel = 0;  ///< 0-15.
  bool drums = false;

  bool operator==(const PartMode&) const = default;
};

/// What a message of GS or XG sets; nullopt where it is another.
std::optional<PartMode> decode_part_mode(std::string_view data);
/// The message of GS, with the first drum map where there are drums.
std::string encode_part_mode(const PartMode& mode);
/// A message that decode_part_mode() knows, changed so that it sets `mode`.
std::string with_part_mode(std::string data, const PartMode& mode);

/// Whether programs of a channel are drums in the bank that controller 0 has chosen: 120 (GM2), 126
/// and 127 (XG) are, 121 (GM2) and any other in XG are not. Channel 10 has drums in the others, and
/// in GS, where banks are variations, in all.
bool bank_has_drums(Standard standard, std::uint8_t channel, std::uint8_t bank);

}  // namespace musicvae::midi
