#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <vector>

#include "src/studio/map/embedding.hpp"

/// What was found out about a collection, kept for the next time.
namespace musicvae::studio {

struct MapContent {
  std::vector<Vector> vectors;  ///< Of each piece; empty where it has no place.
  // Of the pieces that have a place, in their order.
  std::vector<Place> near;
  std::vector<Place> principal;
};

/// The folder of such files: musicvae/maps in $XDG_CACHE_HOME or ~/.cache. Empty where there is
/// neither.
std::filesystem::path maps_folder();

/// What write_map() wrote for `key`. Nothing where there is none, it is damaged, or it is of a
/// collection of another size.
std::optional<MapContent> read_map(const std::filesystem::path& folder, std::uint64_t key,
                                   std::size_t pieces);
/// Keeps the newest maps alone. Does nothing where it cannot write.
void write_map(const std::filesystem::path& folder, std::uint64_t key, const MapContent& content);

}  // namespace musicvae::studio
