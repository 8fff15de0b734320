#pragma once

#include <cstdint>
#include <functional>
#include <vector>

/// Vectors of any size as places on a plane, for people to look at.
namespace musicvae::studio {

using Vector = std::vector<float>;  ///< All of one size.

struct Place {
  float x = 0;
  float y = 0;
};

/// The places of `vectors` on the two directions in which they differ most (principal components,
/// Hotelling 1933), from 0 to 1 on the longer side.
std::vector<Place> principal_places(const std::vector<Vector>& vectors);

struct NeighbourOptions {
  int neighbours = 15;
  int epochs = 300;
  std::uint64_t seed = 1;
  /// Asked now and then; where it gives false, the places are empty.
  std::function<bool()> goes_on = [] { return true; };
};

/// Places at which vectors that are alike, by the cosine of their angle, stand together, whatever
/// becomes of greater distances (UMAP: McInnes, Healy and Melville 2018). It begins with `start`.
/// From 0 to 1 on the longer side. Its time grows with the square of the number of vectors.
std::vector<Place> neighbour_places(const std::vector<Vector>& vectors,
                                    const std::vector<Place>& start,
                                    const NeighbourOptions& options = {});

}  // namespace musicvae::studio
