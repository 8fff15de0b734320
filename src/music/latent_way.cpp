#include "src/music/latent_way.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <utility>
#include <vector>

#include "src/music/music_model.hpp"

namespace musicvae {
namespace {

Latent straight(const Latent& a, const Latent& b, double t) {
  if (t == 1) return b;
  Latent between(a.size());
  for (std::size_t i = 0; i < a.size(); ++i) {
    between[i] = static_cast<float>((1 - t) * double(a[i]) + t * double(b[i]));
  }
  return between;
}

/// `a` with the first of its differing parts, a share `t` of them, exchanged for those of `b`.
Latent exchanged(const Latent& a, const Latent& b, double t, std::size_t categories) {
  std::vector<std::size_t> different;
  for (std::size_t first = 0; first + categories <= a.size(); first += categories) {
    const auto begin = a.begin() + static_cast<std::ptrdiff_t>(first);
    const auto other = b.begin() + static_cast<std::ptrdiff_t>(first);
    const auto size = static_cast<std::ptrdiff_t>(categories);
    if (!std::equal(begin, begin + size, other)) different.push_back(first);
  }
  Latent between = a;
  const auto count = static_cast<std::size_t>(std::lround(t * double(different.size())));
  for (std::size_t i = 0; i < count; ++i) {
    std::copy_n(b.begin() + static_cast<std::ptrdiff_t>(different[i]), categories,
                between.begin() + static_cast<std::ptrdiff_t>(different[i]));
  }
  return between;
}

/// Slerp's t at which so large a share of the notes that differ have changed, up to half-way, on
/// unseen pieces.
constexpr std::array<std::pair<double, double>, 6> kPace = {
    {{0, 0}, {0.05, 0.27}, {0.12, 0.34}, {0.22, 0.4}, {0.35, 0.45}, {0.5, 0.5}}};

double even_pace(double x) {
  if (x > 0.5) return 1 - even_pace(1 - x);
  std::size_t next = 1;
  while (next + 1 < kPace.size() && kPace[next].first < x) ++next;
  const auto [x0, t0] = kPace[next - 1];
  const auto [x1, t1] = kPace[next];
  return t0 + (x - x0) / (x1 - x0) * (t1 - t0);
}

models::LatentWay way_of(const MusicVae& model) {
  return model.model().network->prior_kind().way();
}

}  // namespace

Latent latent_between(const MusicVae& model, const Latent& a, const Latent& b, double t) {
  switch (way_of(model)) {
    case models::LatentWay::kSphere:
      return slerp(a, b, t);
    case models::LatentWay::kLine:
      return straight(a, b, t);
    case models::LatentWay::kExchange:
      return exchanged(a, b, t,
                       static_cast<std::size_t>(model.model().network->config().categories));
  }
  return {};
}

double even_pace(const MusicVae& model, double x) {
  return model.has_bar_latents() ? even_pace(x) : x;
}

bool has_usual_latents(const MusicVae& model) {
  return way_of(model) == models::LatentWay::kSphere;
}

std::string describe_way(const MusicVae& model) {
  switch (way_of(model)) {
    case models::LatentWay::kSphere:
      return "along the sphere, as codes are distributed as N(0, I)";
    case models::LatentWay::kLine:
      return "straight from code to code; this model's prior has no standard-normal coordinates, "
             "so what lies between may be unlike its music";
    case models::LatentWay::kExchange:
      return "one category after the other; codes are categories, and nothing lies between two";
  }
  return "";
}

std::string describe_prior(const MusicVae& model) {
  const auto& config = model.model().network->config();
  const auto count = std::to_string(config.components);
  if (config.prior == "mixture") {
    return "a component of " + count +
           " Gaussians, and a code near its centre; a lower latent "
           "temperature draws nearer to it";
  }
  if (config.prior == "vamp") {
    return "one of " + count +
           " learned passages, and a code from its posterior; a lower latent "
           "temperature draws nearer to its centre";
  }
  if (config.prior == "uniform") {
    return "categories, all alike likely; the latent temperature changes nothing";
  }
  if (config.prior == "fitted") {
    return "a Gaussian that was fitted to the codes of training, as this model has no prior; a "
           "lower latent temperature draws nearer to their mean";
  }
  if (config.prior == "conductor") return "bar after bar, as the conductor writes them";
  return "N(0, I); a lower latent temperature draws nearer to 0";
}

}  // namespace musicvae
