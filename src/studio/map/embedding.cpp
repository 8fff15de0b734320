#include "src/studio/map/embedding.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <map>
#include <utility>

#include "src/base/random.hpp"

namespace musicvae::studio {
namespace {

constexpr int kPowerSteps = 100;
constexpr std::size_t kLanes = 8;  // Sums side by side, as processors have them.

float dot(const Vector& a, const Vector& b) {
  std::array<float, kLanes> sums{};
  std::size_t i = 0;
  for (; i + kLanes <= a.size(); i += kLanes) {
    for (std::size_t lane = 0; lane < kLanes; ++lane) sums[lane] += a[i + lane] * b[i + lane];
  }
  float sum = 0;
  for (const float part : sums) sum += part;
  for (; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}

void to_length_one(Vector& vector) {
  const float length = std::sqrt(dot(vector, vector));
  for (float& value : vector) value /= std::max(length, 1e-12F);
}

std::vector<Vector> centred(std::vector<Vector> vectors) {
  Vector mean(vectors.front().size());
  for (const Vector& vector : vectors) {
    for (std::size_t i = 0; i < mean.size(); ++i) mean[i] += vector[i] / float(vectors.size());
  }
  for (Vector& vector : vectors) {
    for (std::size_t i = 0; i < mean.size(); ++i) vector[i] -= mean[i];
  }
  return vectors;
}

/// The direction in which `vectors`, whose mean is 0, differ most, by power iteration.
Vector main_direction(const std::vector<Vector>& vectors) {
  SplitMix64 random(1);
  Vector direction(vectors.front().size());
  for (float& value : direction) value = float(random.uniform() - 0.5);
  for (int step = 0; step < kPowerSteps; ++step) {
    Vector next(direction.size());
    for (const Vector& vector : vectors) {
      const float share = dot(vector, direction);
      for (std::size_t i = 0; i < next.size(); ++i) next[i] += share * vector[i];
    }
    to_length_one(next);
    const bool settled = std::abs(dot(next, direction)) > 1 - 1e-7F;
    direction = std::move(next);
    if (settled) break;
  }
  return direction;
}

/// Moves and scales places to the square from 0 to 1, the shorter side to its middle.
std::vector<Place> to_square(std::vector<Place> places) {
  if (places.empty()) return places;
  Place low = places.front(), high = places.front();
  for (const Place& place : places) {
    low = {std::min(low.x, place.x), std::min(low.y, place.y)};
    high = {std::max(high.x, place.x), std::max(high.y, place.y)};
  }
  const float side = std::max({high.x - low.x, high.y - low.y, 1e-12F});
  const Place middle{(low.x + high.x) / 2, (low.y + high.y) / 2};
  for (Place& place : places) {
    place = {std::clamp(0.5F + (place.x - middle.x) / side, 0.0F, 1.0F),
             std::clamp(0.5F + (place.y - middle.y) / side, 0.0F, 1.0F)};
  }
  return places;
}

struct Neighbour {
  std::size_t index = 0;
  float distance = 0;
};

/// For each vector its nearest others, the nearest first. Empty where it was stopped.
std::vector<std::vector<Neighbour>> find_neighbours(std::vector<Vector> vectors,
                                                    const NeighbourOptions& options) {
  for (Vector& vector : vectors) to_length_one(vector);
  const auto count = std::min(static_cast<std::size_t>(options.neighbours), vectors.size() - 1);
  std::vector<std::vector<Neighbour>> found;
  for (std::size_t i = 0; i < vectors.size(); ++i) {
    if (i % 64 == 0 && !options.goes_on()) return {};
    std::vector<Neighbour> others;
    others.reserve(vectors.size() - 1);
    for (std::size_t j = 0; j < vectors.size(); ++j) {
      if (j != i) others.push_back({j, std::max(0.0F, 1 - dot(vectors[i], vectors[j]))});
    }
    const auto end = others.begin() + static_cast<std::ptrdiff_t>(count);
    std::partial_sort(others.begin(), end, others.end(), [](const auto& a, const auto& b) {
      return std::pair(a.distance, a.index) < std::pair(b.distance, b.index);
    });
    others.resize(count);
    others.shrink_to_fit();
    found.push_back(std::move(others));
  }
  return found;
}

/// How surely each neighbour is one: the nearest surely, and all together as log2 of their number.
std::vector<float> memberships(const std::vector<Neighbour>& neighbours) {
  const float nearest = neighbours.front().distance;
  const auto shares = [&](double width) {
    std::vector<float> all;
    for (const auto& one : neighbours) {
      all.push_back(float(std::exp(-std::max(0.0F, one.distance - nearest) / width)));
    }
    return all;
  };
  const double wanted = std::max(1.0, std::log2(double(neighbours.size())));
  double low = 1e-6, high = 1e3;
  for (int halving = 0; halving < 48; ++halving) {
    const double middle = std::sqrt(low * high);
    double sum = 0;
    for (const float share : shares(middle)) sum += share;
    (sum > wanted ? high : low) = middle;
  }
  return shares(low);
}

struct Edge {
  std::size_t from = 0, to = 0;
  float weight = 0;  // From 0 to 1.
};

/// Who is the neighbour of whom, in either direction.
std::vector<Edge> join(const std::vector<std::vector<Neighbour>>& neighbours) {
  std::map<std::pair<std::size_t, std::size_t>, float> joined;
  for (std::size_t i = 0; i < neighbours.size(); ++i) {
    const auto shares = memberships(neighbours[i]);
    for (std::size_t k = 0; k < shares.size(); ++k) {
      float& weight = joined[std::minmax(i, neighbours[i][k].index)];
      weight = weight + shares[k] - weight * shares[k];
    }
  }
  std::vector<Edge> edges;
  for (const auto& [ends, weight] : joined) edges.push_back({ends.first, ends.second, weight});
  return edges;
}

/// Lets edges draw their ends together, and pushes places that were drawn by chance apart.
class Layout {
 public:
  Layout(std::vector<Place> start, std::vector<Edge> edges, const NeighbourOptions& options)
      : places_(std::move(start)),
        edges_(std::move(edges)),
        options_(options),
        random_(options.seed) {
    constexpr float kSide = 10;
    for (Place& place : places_) {
      // Those that stand at one place could not part.
      place = {place.x * kSide + jitter(), place.y * kSide + jitter()};
    }
  }

  std::vector<Place> run() {
    std::vector<float> due(edges_.size());
    for (int epoch = 0; epoch < options_.epochs; ++epoch) {
      if (!options_.goes_on()) return {};
      rate_ = 1 - float(epoch) / float(options_.epochs);
      for (std::size_t i = 0; i < edges_.size(); ++i) {
        due[i] += edges_[i].weight;
        if (due[i] < 1) continue;
        due[i] -= 1;
        draw_together(edges_[i]);
      }
    }
    return places_;
  }

 private:
  static constexpr float kA = 1.577F, kB = 0.895F;  // Those of a least distance of 0.1.
  static constexpr int kPushes = 5;

  float jitter() { return float(random_.uniform() - 0.5) * 1e-2F; }

  void draw_together(const Edge& edge) {
    Place &a = places_[edge.from], &b = places_[edge.to];
    const float squared = squared_distance(a, b);
    if (squared > 0) {
      const float power = std::pow(squared, kB);
      const float pull = -2 * kA * kB * power / squared / (1 + kA * power);
      const Place step{bounded(pull * (a.x - b.x)), bounded(pull * (a.y - b.y))};
      a = {a.x + step.x, a.y + step.y};
      b = {b.x - step.x, b.y - step.y};
    }
    for (int i = 0; i < kPushes; ++i) {
      push_from(a, places_[std::size_t(random_.below(int(places_.size())))]);
    }
  }

  void push_from(Place& place, const Place& other) {
    const float squared = squared_distance(place, other);
    if (squared <= 0) return;
    const float push = 2 * kB / ((0.001F + squared) * (1 + kA * std::pow(squared, kB)));
    place.x += bounded(push * (place.x - other.x));
    place.y += bounded(push * (place.y - other.y));
  }

  float bounded(float step) const { return rate_ * std::clamp(step, -4.0F, 4.0F); }

  static float squared_distance(const Place& a, const Place& b) {
    return (a.x - b.x) * (a.x - b.x) + (a.y - b.y) * (a.y - b.y);
  }

  std::vector<Place> places_;
  std::vector<Edge> edges_;
  const NeighbourOptions& options_;
  SplitMix64 random_;
  float rate_ = 1;
};

}  // namespace

std::vector<Place> principal_places(const std::vector<Vector>& vectors) {
  if (vectors.empty()) return {};
  auto left = centred(vectors);
  std::vector<Place> places(vectors.size());
  for (float Place::*const axis : {&Place::x, &Place::y}) {
    const Vector direction = main_direction(left);
    for (std::size_t i = 0; i < left.size(); ++i) {
      const float share = places[i].*axis = dot(left[i], direction);
      for (std::size_t k = 0; k < direction.size(); ++k) left[i][k] -= share * direction[k];
    }
  }
  return to_square(std::move(places));
}

std::vector<Place> neighbour_places(const std::vector<Vector>& vectors,
                                    const std::vector<Place>& start,
                                    const NeighbourOptions& options) {
  if (vectors.size() < 3) return start;
  const auto neighbours = find_neighbours(vectors, options);
  if (neighbours.empty()) return {};
  return to_square(Layout(start, join(neighbours), options).run());
}

}  // namespace musicvae::studio
