#include "midi/live/one_port.hpp"

#include <array>
#include <map>
#include <utility>
#include <vector>

#include "midi/part_mode.hpp"
#include "midi/port_map.hpp"

namespace musicvae::midi {
namespace {

using PortChannel = std::pair<std::uint8_t, std::uint8_t>;

/// The channels on which notes sound, each with its own number for now.
std::map<PortChannel, std::uint8_t> sounding_channels(const Score& score) {
  std::map<PortChannel, std::uint8_t> channels;
  for (const Track& track : score.tracks) {
    const PortMap ports(track);
    for (const Note& note : track.notes) {
      const auto channel = static_cast<std::uint8_t>(note.channel & 15);
      channels[{ports.at(note), channel}] = channel;
    }
  }
  return channels;
}

/// Numbers the channels for one port; returns how many have to share a number.
std::size_t number_channels(std::map<PortChannel, std::uint8_t>& channels) {
  std::array<bool, 16> taken{};
  std::vector<std::uint8_t*> others;
  for (auto& [place, number] : channels) {
    if (number != kDrumChannel && taken[number]) others.push_back(&number);
    taken[number] = true;
  }
  taken[kDrumChannel] = true;
  std::size_t sharing = 0;
  for (std::uint8_t* number : others) {
    std::uint8_t free = 0;
    while (free < 16 && taken[free]) ++free;
    if (free == 16) {
      ++sharing;
      continue;
    }
    *number = free;
    taken[free] = true;
  }
  return sharing;
}

Track renumbered(const Track& track, const std::map<PortChannel, std::uint8_t>& numbers) {
  const PortMap ports(track);
  Track result = track;
  for (Note& note : result.notes)
    note.channel = numbers.at({ports.at(note), static_cast<std::uint8_t>(note.channel & 15)});
  result.messages.clear();
  for (ChannelMessage message : track.messages) {
    const auto number = numbers.find({ports.at(message), message.channel()});
    if (number == numbers.end()) continue;
    message.status = static_cast<std::uint8_t>((message.status & 0xF0) | number->second);
    result.messages.push_back(message);
  }
  for (SysEx& sysex : result.sysex) {
    const auto mode = decode_part_mode(sysex.data);
    if (!mode) continue;
    const auto number = numbers.find({ports.at(sysex.time, sysex.place), mode->channel});
    if (number != numbers.end())
      sysex.data = with_part_mode(sysex.data, {number->second, mode->drums});
  }
  return result;
}

}  // namespace

std::optional<OnePort> join_ports(const Score& score) {
  auto channels = sounding_channels(score);
  if (channels.empty() || channels.begin()->first.first == channels.rbegin()->first.first)
    return std::nullopt;
  OnePort joined{score, number_channels(channels)};
  for (Track& track : joined.score.tracks) track = renumbered(track, channels);
  return joined;
}

}  // namespace musicvae::midi
