#include "src/music/generation.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include <ATen/CPUGeneratorImpl.h>
#include <torch/utils.h>

#include "datasets/tensors/tensors.hpp"
#include "src/base/error.hpp"
#include "src/base/random.hpp"
#include "src/music/constraints/grammar_constraint.hpp"
#include "src/music/music_model.hpp"

namespace musicvae {
namespace {

using datasets::BarRows;
using datasets::Passage;

/// Songs that are sampled side by side: enough to use the processor, few enough for its memory.
constexpr std::size_t kMostAtOnce = 64;

/// Songs whose latents are drawn side by side.
constexpr std::size_t kMostDrawn = 256;

/// Stream of a seed's generator for songs; the first song's place is added.
constexpr std::uint64_t kRowNoise = 1ULL << 32;

/// Stream of a seed's generator for latents.
constexpr std::uint64_t kLatentNoise = 1;

std::size_t longest(std::span<const std::vector<BarRows>> layouts) {
  std::size_t bars = 0;
  for (const auto& layout : layouts) bars = std::max(bars, layout.size());
  return bars;
}

/// bool [B, U]: which of `bars` bars each layout has.
torch::Tensor present_bars(std::span<const std::vector<BarRows>> layouts, int bars) {
  auto present_BU = torch::zeros({static_cast<std::int64_t>(layouts.size()), bars}, torch::kBool);
  for (std::size_t song = 0; song < layouts.size(); ++song) {
    const auto present = static_cast<std::int64_t>(layouts[song].size());
    present_BU[static_cast<std::int64_t>(song)].slice(0, 0, present).fill_(true);
  }
  return present_BU;
}

/// The sizes of z: [B, Z], or [B, U, Z] where each bar has a latent.
std::vector<std::int64_t> latent_sizes(const MusicModel& model,
                                       std::span<const std::vector<BarRows>> rows) {
  const auto songs = static_cast<std::int64_t>(rows.size());
  const std::int64_t size = model.network->config().latent;
  if (!model.network->has_bar_latents()) return {songs, size};
  return {songs, model.bar_slots(longest(rows)), size};
}

/// Turns z into plain values, passage after passage, without those of absent bars.
std::vector<Latent> to_latents(const MusicModel& model, const torch::Tensor& z_BZ,
                               std::span<const std::vector<BarRows>> rows) {
  const auto size = model.network->config().latent;
  const auto values = z_BZ.to(torch::kCPU, torch::kFloat).contiguous();
  const auto* next = values.data_ptr<float>();
  std::vector<Latent> latents;
  for (const auto& passage : rows) {
    const auto count = latent_count(model, passage.size());
    for (std::size_t i = 0; i < count; ++i) {
      latents.emplace_back(next + i * size, next + (i + 1) * size);
    }
    next += values.stride(0);
  }
  return latents;
}

/// Turns latents into z, on the model's device.
torch::Tensor to_tensor(const MusicModel& model, std::span<const Latent> latents,
                        std::span<const std::vector<BarRows>> layouts) {
  const auto size = static_cast<std::size_t>(model.network->config().latent);
  auto z_BZ = torch::zeros(latent_sizes(model, layouts));
  auto* next = z_BZ.data_ptr<float>();
  for (const auto& layout : layouts) {
    auto* place = next;
    const auto count = latent_count(model, layout.size());
    for (const Latent& latent : latents.first(count)) {
      if (latent.size() != size) {
        throw Error("a latent of " + std::to_string(latent.size()) +
                    " dimensions does not fit a model of " + std::to_string(size));
      }
      place = std::copy(latent.begin(), latent.end(), place);
    }
    latents = latents.subspan(count);
    next += z_BZ.stride(0);
  }
  return z_BZ.to(model.device);
}

std::vector<std::vector<BarRows>> layout_rows(const MusicModel& model,
                                              std::span<const Passage> layouts) {
  std::vector<std::vector<BarRows>> rows;
  for (const Passage& layout : layouts) rows.push_back(model.codec->encode(layout_of(layout)));
  return rows;
}

/// The first bars' latents of `songs` passages, [B, K, Z]; undefined where none are known.
torch::Tensor known_bars(const MusicModel& model, std::span<const Latent> known,
                         std::size_t songs) {
  if (known.empty()) return {};
  const std::int64_t size = model.network->config().latent;
  auto z_NZ = torch::empty({static_cast<std::int64_t>(known.size()), size});
  auto* next = z_NZ.data_ptr<float>();
  for (const Latent& latent : known) next = std::copy(latent.begin(), latent.end(), next);
  return z_NZ.view({static_cast<std::int64_t>(songs), -1, size}).to(model.device);
}

/// The constraints of each layout, where the layouts are parts of pieces that follow each other.
/// There were `before` bars before the first.
std::vector<Constraints> for_each_layout(const Constraints& constraints,
                                         std::span<const Passage> layouts, std::size_t before) {
  std::vector<Constraints> all;
  for (const Passage& layout : layouts) {
    all.push_back(constraints.from(before));
    before += layout.bars.size();
  }
  return all;
}

std::size_t total_bars(std::span<const Passage> layouts) {
  std::size_t bars = 0;
  for (const Passage& layout : layouts) bars += layout.bars.size();
  return bars;
}

std::size_t total_latents(const MusicModel& model, std::span<const Passage> layouts) {
  std::size_t count = 0;
  for (const Passage& layout : layouts) count += latent_count(model, layout.bars.size());
  return count;
}

}  // namespace

std::vector<Passage> passages_for(const MusicModel& model, const Passage& piece) {
  if (model.network->has_bar_latents()) return {piece};
  return split_passages(piece, model.bars());
}

std::size_t latent_count(const MusicModel& model, std::size_t bars) {
  return model.network->has_bar_latents() ? bars : 1;
}

std::vector<Latent> encode_means(const MusicModel& model, std::span<const Passage> passages,
                                 datasets::Dropped* dropped) {
  const torch::NoGradGuard no_grad;
  std::vector<std::vector<BarRows>> rows;
  for (const Passage& passage : passages) rows.push_back(model.codec->encode(passage, dropped));
  return to_latents(model, model.network->centre_BZ(make_batch(model, rows)), rows);
}

std::vector<Passage> generate(const MusicModel& model, std::span<const Latent> latents,
                              std::span<const Passage> layouts, const GenerationOptions& options) {
  const Constraints& constraints = options.constraints;
  check(constraints, *model.codec);
  if (const auto wanted = total_latents(model, layouts); latents.size() != wanted) {
    throw Error(std::to_string(latents.size()) + " latents cannot fill " +
                std::to_string(layouts.size()) + " passages, which take " + std::to_string(wanted));
  }
  std::vector<Passage> passages;
  for (std::size_t first = 0; first < layouts.size(); first += kMostAtOnce) {
    const auto some = layouts.subspan(first, std::min(kMostAtOnce, layouts.size() - first));
    const auto rows_of_layouts = layout_rows(model, some);
    const auto count = total_latents(model, some);
    const auto z_BZ = to_tensor(model, latents.first(count), rows_of_layouts);
    latents = latents.subspan(count);
    const auto own = for_each_layout(constraints, some, total_bars(layouts.first(first)));
    const auto generated = generate_rows(model, z_BZ, rows_of_layouts, options, first, own);
    const auto rows = datasets::from_tensors(generated.rows, generated.lengths_BU,
                                             model.codec->row_shape(), rows_of_layouts);
    for (std::size_t i = 0; i < rows.size(); ++i) {
      passages.push_back(model.codec->decode(rows[i]));
      if (constraints.any()) keep_to(own[i], passages.back());
    }
  }
  return passages;
}

models::GeneratedRows generate_rows(const MusicModel& model, const torch::Tensor& z_BZ,
                                    std::span<const std::vector<BarRows>> layouts,
                                    const GenerationOptions& options, std::uint64_t first,
                                    std::vector<Constraints> constraints) {
  const int bars = model.bar_slots(longest(layouts));
  GrammarConstraint constraint(*model.codec, layouts, bars, std::move(constraints));
  return model.network->generate(z_BZ, make_batch(model, layouts).controls_BUC,
                                 present_bars(layouts, bars), {options.temperature}, constraint,
                                 make_generator(options.seed, kRowNoise + first));
}

std::vector<Latent> draw_from_prior(const MusicModel& model, std::span<const Passage> layouts,
                                    const PriorOptions& options, std::span<const Latent> known) {
  check(options.constraints, *model.codec);
  const torch::NoGradGuard no_grad;
  auto generator = make_generator(options.seed, kLatentNoise);
  const auto known_each = known.size() / std::max<std::size_t>(layouts.size(), 1);
  std::vector<Latent> latents;
  for (std::size_t first = 0; first < layouts.size(); first += kMostDrawn) {
    const auto some = layouts.subspan(first, std::min(kMostDrawn, layouts.size() - first));
    const auto rows = layout_rows(model, some);
    const auto given = known.subspan(first * known_each, some.size() * known_each);
    GrammarConstraint constraint(
        *model.codec, rows, model.bar_slots(longest(rows)),
        for_each_layout(options.constraints, some, total_bars(layouts.first(first))));
    const auto z_BZ =
        model.network->draw_z(make_batch(model, rows), {options.temperature}, constraint, generator,
                              known_bars(model, given, some.size()));
    const auto drawn = to_latents(model, z_BZ, rows);
    latents.insert(latents.end(), drawn.begin(), drawn.end());
  }
  return latents;
}

torch::Generator make_generator(std::uint64_t seed, std::uint64_t stream) {
  // One step of SplitMix64 keeps neighbouring seeds and streams apart.
  SplitMix64 seeds(seed);
  seeds.discard(stream);
  return at::make_generator<at::CPUGeneratorImpl>(seeds.next());
}

}  // namespace musicvae
