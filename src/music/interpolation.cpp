#include <algorithm>
#include <array>
#include <cmath>
#include <span>
#include <utility>

#include "src/music/constraints/mixing.hpp"
#include "src/music/generation.hpp"
#include "src/music/latent_way.hpp"
#include "src/music/musicvae.hpp"

namespace musicvae {
namespace {

using datasets::Passage;

/// Passages that are made side by side: enough to use the processor, few enough not to keep a user
/// waiting.
constexpr int kPassagesAtOnce = 16;

/// The passages of a piece of `count` parts, each of which has a latent. Where the piece has fewer,
/// they are repeated from the start.
std::vector<Passage> cycle_to(const MusicModel& model, const std::vector<Passage>& parts,
                              std::size_t count) {
  std::vector<Passage> cycled;
  for (std::size_t i = 0; i < count; ++i) cycled.push_back(parts[i % parts.size()]);
  if (model.network->has_bar_latents()) return {join_passages(cycled)};
  return cycled;
}

/// Where the steps of a way are.
std::vector<double> places_of(const InterpolationOptions& options) {
  if (!options.places.empty()) return options.places;
  std::vector<double> places;
  for (int step = 0; step < options.steps; ++step) {
    places.push_back(options.steps == 1 ? 0 : static_cast<double>(step) / (options.steps - 1));
  }
  return places;
}

NotesBegun notes_begun(const datasets::Codec& codec, const std::vector<Passage>& passages) {
  return musicvae::notes_begun(codec, join_passages(passages));
}

/// What is to have begun at `t`, in the bars of the nearer piece.
NotesBegun notes_at(double t, const NotesBegun& a, const NotesBegun& b) {
  const auto& near = t < 0.5 ? a : b;
  static const std::vector<double> kNone;
  NotesBegun due;
  for (std::size_t bar = 0; bar < near.size(); ++bar) {
    const std::array bars{WeightedBar{bar < a.size() ? &a[bar] : &kNone, 1 - t},
                          WeightedBar{bar < b.size() ? &b[bar] : &kNone, t}};
    due.push_back(notes_between(bars, near[bar].size()));
  }
  return due;
}

double dot(const Latent& a, const Latent& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += double(a[i]) * double(b[i]);
  return sum;
}

}  // namespace

Latent slerp(const Latent& a, const Latent& b, double t) {
  // The ends are exact, so that they decode as the posterior means themselves do.
  if (t == 0) return a;
  if (t == 1) return b;
  constexpr double kTiny = 1e-6;
  const double length_a = std::sqrt(dot(a, a)), length_b = std::sqrt(dot(b, b));
  const double cosine = dot(a, b) / std::max(length_a * length_b, kTiny * kTiny);
  const double angle = std::acos(std::clamp(cosine, -1.0, 1.0));
  const bool have_plane = std::min({length_a, length_b, std::sin(angle)}) > kTiny;
  double share_a = 1 - t, share_b = t;
  if (have_plane) {
    const double length = (1 - t) * length_a + t * length_b;
    share_a = std::sin((1 - t) * angle) / std::sin(angle) * length / length_a;
    share_b = std::sin(t * angle) / std::sin(angle) * length / length_b;
  }
  Latent between(a.size());
  for (std::size_t i = 0; i < a.size(); ++i) {
    between[i] = static_cast<float>(share_a * double(a[i]) + share_b * double(b[i]));
  }
  return between;
}

void MusicVae::interpolate(const Passage& a, const Passage& b, const InterpolationOptions& options,
                           datasets::Dropped* dropped, const TakeStep& take) const {
  const auto parts_a = split_passages(a, bars_a_latent());
  const auto parts_b = split_passages(b, bars_a_latent());
  const std::size_t count = options.length_rule == LengthRule::kRepeat
                                ? std::max(parts_a.size(), parts_b.size())
                                : std::min(parts_a.size(), parts_b.size());
  const auto passages_a = cycle_to(*model_, parts_a, count);
  const auto passages_b = cycle_to(*model_, parts_b, count);
  const auto latents_a = encode_means(*model_, passages_a, dropped);
  const auto latents_b = encode_means(*model_, passages_b, dropped);

  const std::vector<double> places = places_of(options);
  const auto passages_near = [&](double t) -> const std::vector<Passage>& {
    return t < 0.5 ? passages_a : passages_b;
  };
  const auto each = passages_a.size();
  // Where neither piece is sure of its notes none would be likely enough, or those of both.
  const auto begun_a = notes_begun(codec(), passages_a), begun_b = notes_begun(codec(), passages_b);
  const std::array classes{pitch_class_shares(join_passages(passages_a)),
                           pitch_class_shares(join_passages(passages_b))};
  // Steps near B may have more bars than those near A, and each begins with the first constraints.
  const bool bar_by_bar = options.generation.constraints.pitches.size() > 1;
  const int at_once = bar_by_bar ? 1 : std::max(1, kPassagesAtOnce / static_cast<int>(each));
  const int steps = static_cast<int>(places.size());
  for (int first = 0; first < steps; first += at_once) {
    const int end = std::min(first + at_once, steps);
    std::vector<Latent> latents;
    std::vector<Passage> layouts;
    auto generation = for_batch(options.generation, first);
    auto& constraints = generation.constraints;
    for (int step = first; step < end; ++step) {
      const double t = places[std::size_t(step)];
      const auto own = notes_at(t, begun_a, begun_b);
      constraints.notes_begun.insert(constraints.notes_begun.end(), own.begin(), own.end());
      constraints.leanings.insert(constraints.leanings.end(), own.size(),
                                  leaning_between(classes, std::array{1 - t, t}));
      for (std::size_t i = 0; i < count; ++i) {
        latents.push_back(latent_between(*this, latents_a[i], latents_b[i], even_pace(*this, t)));
      }
      layouts.insert(layouts.end(), passages_near(t).begin(), passages_near(t).end());
    }
    const auto passages = generate(*model_, latents, layouts, generation);
    for (int step = first; step < end; ++step) {
      const auto own = std::span(passages).subspan(std::size_t(step - first) * each, each);
      if (!take({places[std::size_t(step)], join_passages(own)})) return;
    }
  }
}

std::vector<InterpolationStep> MusicVae::interpolate(const Passage& a, const Passage& b,
                                                     const InterpolationOptions& options,
                                                     datasets::Dropped* dropped) const {
  std::vector<InterpolationStep> steps;
  interpolate(a, b, options, dropped, [&](InterpolationStep step) {
    steps.push_back(std::move(step));
    return true;
  });
  return steps;
}

}  // namespace musicvae
