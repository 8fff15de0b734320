#include "src/music/generation.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include <ATen/CPUGeneratorImpl.h>
#include <torch/utils.h>

#include "datasets/tensors/tensors.hpp"
#include "src/base/error.hpp"
#include "src/base/random.hpp"
#include "src/music/grammar_constraint.hpp"
#include "src/music/music_model.hpp"

namespace musicvae {
namespace {

using datasets::BarRows;
using datasets::Passage;

/// Songs that are sampled side by side: enough to use the processor, few enough for its memory.
constexpr std::size_t kMostAtOnce = 64;

/// Stream of a seed's generator for songs; the first song's place is added.
constexpr std::uint64_t kRowNoise = 1ULL << 32;

/// bool [B, U]: which bars of the model's passage each layout has.
torch::Tensor present_bars(std::span<const std::vector<BarRows>> layouts, int bars) {
  auto present_BU = torch::zeros({static_cast<std::int64_t>(layouts.size()), bars}, torch::kBool);
  for (std::size_t song = 0; song < layouts.size(); ++song) {
    const auto present = static_cast<std::int64_t>(layouts[song].size());
    present_BU[static_cast<std::int64_t>(song)].slice(0, 0, present).fill_(true);
  }
  return present_BU;
}

/// Turns z into plain values.
std::vector<Latent> to_latents(const torch::Tensor& z_BZ) {
  std::vector<Latent> latents;
  for (const auto& z_Z : z_BZ.to(torch::kCPU, torch::kFloat).contiguous().unbind()) {
    latents.emplace_back(z_Z.data_ptr<float>(), z_Z.data_ptr<float>() + z_Z.numel());
  }
  return latents;
}

/// Turns latents into z, [B, Z], on the model's device.
torch::Tensor to_tensor(const MusicModel& model, std::span<const Latent> latents) {
  const auto size = static_cast<std::size_t>(model.network->config().latent);
  auto z_BZ =
      torch::empty({static_cast<std::int64_t>(latents.size()), model.network->config().latent});
  auto* next = z_BZ.data_ptr<float>();
  for (const Latent& latent : latents) {
    if (latent.size() != size) {
      throw Error("a latent of " + std::to_string(latent.size()) +
                  " dimensions does not fit a model of " + std::to_string(size));
    }
    next = std::copy(latent.begin(), latent.end(), next);
  }
  return z_BZ.to(model.device);
}

}  // namespace

std::vector<Latent> encode_means(const MusicModel& model, std::span<const Passage> passages,
                                 datasets::Dropped* dropped) {
  const torch::NoGradGuard no_grad;
  std::vector<std::vector<BarRows>> rows;
  for (const Passage& passage : passages) rows.push_back(model.codec->encode(passage, dropped));
  return to_latents(model.network->encode(make_batch(model, rows)).mu_BZ);
}

std::vector<Passage> generate(const MusicModel& model, std::span<const Latent> latents,
                              std::span<const Passage> layouts, const GenerationOptions& options) {
  if (latents.size() != layouts.size()) {
    throw Error(std::to_string(latents.size()) + " latents cannot fill " +
                std::to_string(layouts.size()) + " passages; each takes one");
  }
  std::vector<Passage> passages;
  for (std::size_t first = 0; first < layouts.size(); first += kMostAtOnce) {
    const auto some = layouts.subspan(first, std::min(kMostAtOnce, layouts.size() - first));
    std::vector<std::vector<BarRows>> layout_rows;
    for (const Passage& layout : some) {
      layout_rows.push_back(model.codec->encode(layout_of(layout)));
    }
    const auto z_BZ = to_tensor(model, latents.subspan(first, some.size()));
    const auto generated = generate_rows(model, z_BZ, layout_rows, options, first);
    const auto rows = datasets::from_tensors(generated.rows, generated.lengths_BU,
                                             model.codec->row_shape(), layout_rows);
    for (const auto& bars : rows) passages.push_back(model.codec->decode(bars));
  }
  return passages;
}

models::GeneratedRows generate_rows(const MusicModel& model, const torch::Tensor& z_BZ,
                                    std::span<const std::vector<BarRows>> layouts,
                                    const GenerationOptions& options, std::uint64_t first) {
  GrammarConstraint constraint(*model.codec, layouts, model.bars());
  return model.network->generate(z_BZ, make_batch(model, layouts).controls_BUC,
                                 present_bars(layouts, model.bars()), {options.temperature},
                                 constraint, make_generator(options.seed, kRowNoise + first));
}

std::vector<Latent> standard_normal(int count, int size, torch::Generator generator) {
  // Drawn on the CPU, so that a seed means the same on every device.
  return to_latents(torch::randn({count, size}, std::move(generator)));
}

torch::Generator make_generator(std::uint64_t seed, std::uint64_t stream) {
  // One step of SplitMix64 keeps neighbouring seeds and streams apart.
  SplitMix64 seeds(seed);
  seeds.discard(stream);
  return at::make_generator<at::CPUGeneratorImpl>(seeds.next());
}

}  // namespace musicvae
