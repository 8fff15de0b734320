#include "midi/port_map.hpp"

#include <algorithm>
#include <tuple>

namespace musicvae::midi {

PortMap::PortMap(const Track& track) {
  for (const MetaEvent& event : track.metas) {
    if (event.type == kPort && !event.data.empty())
      changes_.push_back({event.time, event.place, static_cast<std::uint8_t>(event.data[0])});
  }
}

std::uint8_t PortMap::at(Ticks time, TickPlace place) const {
  const auto next = std::upper_bound(
      changes_.begin(), changes_.end(), std::tie(time, place),
      [](const auto& a, const Change& b) { return a < std::tie(b.time, b.place); });
  return next == changes_.begin() ? 0 : (next - 1)->port;
}

}  // namespace musicvae::midi
