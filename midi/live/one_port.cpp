#include "midi/live/one_port.hpp"

#include <array>
#include <map>
#include <utility>
#include <vector>

#include "midi/event_order.hpp"

namespace musicvae::midi {
namespace {

using PortChannel = std::pair<std::uint8_t, std::uint8_t>;

/// Gives each event of `track` to `visit`, with the port in force.
template <class Visit>
void follow_ports(const Track& track, const Visit& visit) {
  std::uint8_t port = 0;
  for (const EventRef& event : order_events(track)) {
    const bool is_meta = event.kind == EventKind::kMeta;
    if (is_meta && track.metas[event.index].type == kPort && !track.metas[event.index].data.empty())
      port = static_cast<std::uint8_t>(track.metas[event.index].data[0]);
    visit(event, port);
  }
}

/// The channels on which notes sound, each with its own number for now.
std::map<PortChannel, std::uint8_t> sounding_channels(const Score& score) {
  std::map<PortChannel, std::uint8_t> channels;
  for (const Track& track : score.tracks) {
    follow_ports(track, [&](const EventRef& event, std::uint8_t port) {
      if (event.kind != EventKind::kNoteStart) return;
      const auto channel = static_cast<std::uint8_t>(track.notes[event.index].channel & 15);
      channels[{port, channel}] = channel;
    });
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
  Track result = track;
  result.messages.clear();
  follow_ports(track, [&](const EventRef& event, std::uint8_t port) {
    if (event.kind == EventKind::kNoteStart) {
      std::uint8_t& channel = result.notes[event.index].channel;
      channel = numbers.at({port, static_cast<std::uint8_t>(channel & 15)});
    } else if (event.kind == EventKind::kMessage) {
      ChannelMessage message = track.messages[event.index];
      const auto number = numbers.find({port, message.channel()});
      if (number == numbers.end()) return;
      message.status = static_cast<std::uint8_t>((message.status & 0xF0) | number->second);
      result.messages.push_back(message);
    }
  });
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
