#include "datasets/grid/part_places.hpp"

#include <algorithm>
#include <limits>

namespace musicvae::datasets {

std::vector<PartPlace> part_places(const midi::Score& score) {
  std::vector<PartPlace> places;
  for (std::size_t track = 0; track < score.tracks.size(); ++track) {
    std::array<bool, 16> sounding{};
    for (const midi::Note& note : score.tracks[track].notes) sounding[note.channel & 15] = true;
    for (std::uint8_t channel = 0; channel < 16; ++channel) {
      if (sounding[channel]) places.push_back({track, channel});
    }
  }
  if (places.size() > std::size_t{std::numeric_limits<std::uint16_t>::max()} + 1) {
    throw DatasetError("the file has more than 65536 parts");
  }
  return places;
}

std::array<std::uint16_t, 16> parts_of_track(const std::vector<PartPlace>& places,
                                             std::size_t track) {
  std::array<std::uint16_t, 16> parts{};
  auto place = std::lower_bound(places.begin(), places.end(), track,
                                [](const PartPlace& a, std::size_t b) { return a.track < b; });
  for (; place != places.end() && place->track == track; ++place) {
    parts[place->channel] = static_cast<std::uint16_t>(place - places.begin());
  }
  return parts;
}

}  // namespace musicvae::datasets
