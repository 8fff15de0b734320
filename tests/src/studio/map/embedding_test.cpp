#include "src/studio/map/embedding.hpp"

#include <cmath>

#include "src/base/random.hpp"
#include "tests/catch.hpp"

using namespace musicvae::studio;

namespace {

constexpr std::size_t kClusters = 4, kEach = 40, kSize = 13;

/// Points around some directions, those of one direction in a row.
std::vector<Vector> clusters() {
  musicvae::SplitMix64 random(3);
  std::vector<Vector> vectors;
  for (std::size_t cluster = 0; cluster < kClusters; ++cluster) {
    for (std::size_t i = 0; i < kEach; ++i) {
      Vector vector(kSize);
      for (float& value : vector) value = float(random.uniform() - 0.5) * 0.2F;
      vector[cluster * 3] += 1;
      vectors.push_back(vector);
    }
  }
  return vectors;
}

double distance(const Place& a, const Place& b) { return std::hypot(a.x - b.x, a.y - b.y); }

/// The share of places whose nearest other place is of the same cluster.
double purity(const std::vector<Place>& places) {
  int pure = 0;
  for (std::size_t i = 0; i < places.size(); ++i) {
    std::size_t nearest = i == 0 ? 1 : 0;
    for (std::size_t j = 0; j < places.size(); ++j) {
      if (j != i && distance(places[i], places[j]) < distance(places[i], places[nearest]))
        nearest = j;
    }
    pure += nearest / kEach == i / kEach;
  }
  return double(pure) / double(places.size());
}

bool in_square(const std::vector<Place>& places) {
  for (const Place& place : places) {
    if (!(place.x >= 0 && place.x <= 1 && place.y >= 0 && place.y <= 1)) return false;
  }
  return true;
}

}  // namespace

TEST_CASE("Principal places lie along the direction in which vectors differ most", "[studio]") {
  std::vector<Vector> vectors;
  for (int i = 0; i < 9; ++i) {
    // Far apart along (1, 1, 0), a little along (0, 0, 1), and nowhere else.
    const float along = float(i), aside = i % 2 == 0 ? 0.5F : -0.5F;
    vectors.push_back({along, along, aside});
  }
  const auto places = principal_places(vectors);
  CHECK(in_square(places));
  CHECK(std::abs(places[8].x - places[0].x) == Approx(1).margin(1e-3));
  CHECK(std::abs(places[4].x - 0.5F) < 1e-3);
  CHECK(std::abs(places[1].y - places[0].y) == Approx(1 / (8 * std::sqrt(2.0))).margin(1e-2));
}

TEST_CASE("Places of neighbours keep those that are alike together", "[studio]") {
  const auto vectors = clusters();
  const auto start = principal_places(vectors);
  const auto near = neighbour_places(vectors, start);
  REQUIRE(near.size() == vectors.size());
  CHECK(in_square(near));
  CHECK(purity(near) > 0.98);
  CHECK(purity(near) >= purity(start));
}

TEST_CASE("Places of neighbours depend on the seed alone", "[studio]") {
  const auto vectors = clusters();
  const auto start = principal_places(vectors);
  const auto a = neighbour_places(vectors, start), b = neighbour_places(vectors, start);
  for (std::size_t i = 0; i < a.size(); ++i) CHECK((a[i].x == b[i].x && a[i].y == b[i].y));
}

TEST_CASE("Few vectors, and vectors that are all the same, have places", "[studio]") {
  CHECK(principal_places({}).empty());
  for (const std::size_t count : {1, 2, 3, 20}) {
    const std::vector<Vector> same(count, Vector{1, 2, 3});
    const auto start = principal_places(same);
    CHECK(in_square(start));
    const auto near = neighbour_places(same, start);
    CHECK(near.size() == count);
    CHECK(in_square(near));
  }
}

TEST_CASE("An embedding that nobody waits for ends", "[studio]") {
  NeighbourOptions options;
  int asked = 0;
  options.goes_on = [&] { return ++asked < 3; };
  const auto vectors = clusters();
  CHECK(neighbour_places(vectors, principal_places(vectors), options).empty());
  CHECK(asked == 3);
}
