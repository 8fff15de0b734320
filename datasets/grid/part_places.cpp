#include "datasets/grid/part_places.hpp"

#include <algorithm>
#include <limits>
#include <set>

namespace musicvae::datasets {

PartPlaces::PartPlaces(const midi::Score& score)
    : ports_(score.tracks.begin(), score.tracks.end()) {
  for (std::size_t track = 0; track < score.tracks.size(); ++track) {
    std::set<PartPlace> sounding;
    for (const midi::Note& note : score.tracks[track].notes)
      sounding.insert({track, ports_[track].at(note), std::uint8_t(note.channel & 15)});
    places_.insert(places_.end(), sounding.begin(), sounding.end());
  }
  if (places_.size() > std::size_t{std::numeric_limits<std::uint16_t>::max()} + 1) {
    throw DatasetError("the file has more than 65536 parts");
  }
}

std::uint16_t PartPlaces::part_of(std::size_t track, const midi::Note& note) const {
  const PartPlace place{track, ports_[track].at(note), std::uint8_t(note.channel & 15)};
  const auto found = std::lower_bound(places_.begin(), places_.end(), place);
  return static_cast<std::uint16_t>(found - places_.begin());
}

bool PartPlaces::is_on_port(std::uint16_t part, midi::Ticks time) const {
  const PartPlace& place = places_[part];
  return ports_[place.track].at(time, 0) == place.port;
}

}  // namespace musicvae::datasets
