#include "src/music/generation.hpp"

#include <algorithm>

#include <ATen/CPUGeneratorImpl.h>
#include <torch/utils.h>

#include "datasets/tensors/tensors.hpp"
#include "src/base/error.hpp"
#include "src/base/random.hpp"
#include "src/music/grammar_constraint.hpp"
#include "src/music/music_model.hpp"
#include "src/music/source.hpp"

namespace musicvae {
namespace {

using datasets::BarRows;
using datasets::Passage;

/// Songs that are sampled side by side: enough to use the processor, few enough for its memory.
constexpr std::size_t kMostAtOnce = 64;

// Streams of a seed's generator; to the second the place of the first song is added.
constexpr std::uint64_t kPriorNoise = 1;
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

}  // namespace

std::vector<Passage> split_passages(const Passage& music, int bars) {
  std::vector<Passage> passages;
  const int total = static_cast<int>(music.bars.size());
  for (int first = 0; first < total; first += bars) {
    passages.push_back(datasets::slice(music, first, std::min(bars, total - first)));
  }
  return passages;
}

Passage join_passages(std::span<const Passage> passages) {
  Passage joined;
  for (const Passage& passage : passages) {
    joined.grid = passage.grid;
    joined.bars.insert(joined.bars.end(), passage.bars.begin(), passage.bars.end());
  }
  return joined;
}

Passage layout_of(const Passage& passage) {
  Passage layout = passage;
  for (auto& bar : layout.bars) bar.notes.clear();
  return layout;
}

Passage make_layout(const datasets::Codec& codec, const midi::Meter& meter, int bars) {
  const auto length = datasets::bar_length(codec.grid(), meter);
  if (!length || !codec.can_encode(*length)) {
    throw Error("a bar of " + describe(meter) + " does not fit the model's grid of " +
                std::to_string(codec.grid().steps_per_quarter) +
                " steps a quarter; choose another meter");
  }
  return {codec.grid(), std::vector<datasets::Bar>(bars, {meter, *length, {}})};
}

torch::Tensor encode_means(const MusicModel& model, std::span<const Passage> passages,
                           datasets::Dropped* dropped) {
  const torch::NoGradGuard no_grad;
  std::vector<std::vector<BarRows>> rows;
  for (const Passage& passage : passages) rows.push_back(model.codec->encode(passage, dropped));
  return model.network->encode(make_batch(model, rows)).mu_BZ;
}

std::vector<Passage> generate(const MusicModel& model, const torch::Tensor& z_BZ,
                              std::span<const Passage> layouts, const GenerationOptions& options) {
  std::vector<Passage> passages;
  for (std::size_t first = 0; first < layouts.size(); first += kMostAtOnce) {
    const auto some = layouts.subspan(first, std::min(kMostAtOnce, layouts.size() - first));
    std::vector<std::vector<BarRows>> layout_rows;
    for (const Passage& layout : some) {
      layout_rows.push_back(model.codec->encode(layout_of(layout)));
    }
    const auto z_of_some_BZ =
        z_BZ.narrow(0, static_cast<std::int64_t>(first), static_cast<std::int64_t>(some.size()));
    const auto generated = generate_rows(model, z_of_some_BZ, layout_rows, options, first);
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

torch::Tensor sample_prior(const MusicModel& model, int count, std::uint64_t seed) {
  // Drawn on the CPU, so that a seed means the same on every device.
  return torch::randn({count, model.network->config().latent}, make_generator(seed, kPriorNoise))
      .to(model.device);
}

torch::Generator make_generator(std::uint64_t seed, std::uint64_t stream) {
  // One step of SplitMix64 keeps neighbouring seeds and streams apart.
  SplitMix64 seeds(seed);
  seeds.discard(stream);
  return at::make_generator<at::CPUGeneratorImpl>(seeds.next());
}

}  // namespace musicvae
