#include "src/music/interpolation.hpp"

#include <algorithm>
#include <cmath>
#include <span>

namespace musicvae {
namespace {

using datasets::Passage;

/// The first `count` passages, going round where there are fewer.
std::vector<Passage> cycle_to(const std::vector<Passage>& passages, std::size_t count) {
  std::vector<Passage> result;
  for (std::size_t i = 0; i < count; ++i) result.push_back(passages[i % passages.size()]);
  return result;
}

}  // namespace

torch::Tensor slerp(const torch::Tensor& a_BZ, const torch::Tensor& b_BZ, double t) {
  // The endpoints are exact, so that they decode as the posterior means themselves do.
  if (t == 0) return a_BZ;
  if (t == 1) return b_BZ;
  constexpr double kTiny = 1e-6;
  const auto length_a_B1 = a_BZ.norm(2, {1}, true);
  const auto length_b_B1 = b_BZ.norm(2, {1}, true);
  const auto unit_a_BZ = a_BZ / length_a_B1.clamp_min(kTiny);
  const auto unit_b_BZ = b_BZ / length_b_B1.clamp_min(kTiny);
  const auto omega_B1 = (unit_a_BZ * unit_b_BZ).sum(1, true).clamp(-1, 1).acos();
  const auto sin_omega_B1 = omega_B1.sin();
  const auto turned_BZ =
      (((1 - t) * omega_B1).sin() * unit_a_BZ + (t * omega_B1).sin() * unit_b_BZ) /
      sin_omega_B1.clamp_min(kTiny);
  const auto length_B1 = (1 - t) * length_a_B1 + t * length_b_B1;
  const auto has_plane_B1 =
      torch::minimum(torch::minimum(length_a_B1, length_b_B1), sin_omega_B1) > kTiny;
  return torch::where(has_plane_B1, turned_BZ * length_B1, (1 - t) * a_BZ + t * b_BZ);
}

std::vector<InterpolationStep> interpolate(const MusicModel& model, const Passage& a,
                                           const Passage& b, const InterpolationOptions& options,
                                           datasets::Dropped* dropped) {
  auto passages_a = split_passages(a, model.bars());
  auto passages_b = split_passages(b, model.bars());
  const std::size_t count = options.length_rule == LengthRule::kRepeat
                                ? std::max(passages_a.size(), passages_b.size())
                                : std::min(passages_a.size(), passages_b.size());
  const auto z_a_BZ = encode_means(model, passages_a, dropped);
  const auto z_b_BZ = encode_means(model, passages_b, dropped);
  const auto rows = torch::arange(static_cast<std::int64_t>(count), model.device);
  const auto along_a_BZ = z_a_BZ.index_select(0, rows.remainder(z_a_BZ.size(0)));
  const auto along_b_BZ = z_b_BZ.index_select(0, rows.remainder(z_b_BZ.size(0)));
  const auto bars_a = cycle_to(passages_a, count);
  const auto bars_b = cycle_to(passages_b, count);

  std::vector<InterpolationStep> steps;
  std::vector<torch::Tensor> z_BZ;
  std::vector<Passage> layouts;
  for (int i = 0; i < options.steps; ++i) {
    const double t = options.steps == 1 ? 0 : static_cast<double>(i) / (options.steps - 1);
    steps.push_back({t, {}});
    z_BZ.push_back(slerp(along_a_BZ, along_b_BZ, t));
    const auto& bars = t < 0.5 ? bars_a : bars_b;
    layouts.insert(layouts.end(), bars.begin(), bars.end());
  }
  const auto passages = generate(model, torch::cat(z_BZ), layouts, options.generation);
  for (std::size_t i = 0; i < steps.size(); ++i) {
    steps[i].music = join_passages(std::span(passages).subspan(i * count, count));
  }
  return steps;
}

}  // namespace musicvae
