#pragma once

#include <cstdint>
#include <vector>

#include "datasets/grid/grid.hpp"
#include "midi/port_map.hpp"

namespace musicvae::datasets {

/// Where a part of a Piece is in its Score.
struct PartPlace {
  std::size_t track = 0;
  std::uint8_t port = 0;
  std::uint8_t channel = 0;

  auto operator<=>(const PartPlace&) const = default;
};

/// Tells which part of a Piece plays each note of its Score.
class PartPlaces {
 public:
  /// Throws DatasetError on more than 65536 parts.
  explicit PartPlaces(const midi::Score& score);

  /// In the order of Piece::parts: track by track and port by port, each channel that has notes.
  const std::vector<PartPlace>& all() const { return places_; }

  std::uint16_t part_of(std::size_t track, const midi::Note& note) const;

  /// Whether a note that is put into the part's track at `time` sounds on the part's port.
  bool is_on_port(std::uint16_t part, midi::Ticks time) const;

 private:
  std::vector<midi::PortMap> ports_;  // By track.
  std::vector<PartPlace> places_;
};

}  // namespace musicvae::datasets
