#include "src/live/latent_instrument.hpp"

#include <string>
#include <utility>

#include "src/base/error.hpp"
#include "src/music/latent_way.hpp"

namespace musicvae {
namespace {

void add(Latent& sum, const Latent& other, double factor) {
  for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += static_cast<float>(factor * other[i]);
}

Latent mean_of(const MusicVae& model, const std::vector<datasets::Passage>& pieces) {
  std::vector<Latent> latents;
  for (const auto& piece : pieces) {
    const auto more = model.encode(piece);
    latents.insert(latents.end(), more.begin(), more.end());
  }
  Latent mean(static_cast<std::size_t>(model.latent_size()));
  for (const Latent& latent : latents) add(mean, latent, 1.0 / static_cast<double>(latents.size()));
  return mean;
}

const Latent& in_turn(const std::vector<Latent>& latents, std::int64_t index) {
  return latents[static_cast<std::size_t>(index) % latents.size()];
}

}  // namespace

Latent attribute_vector(const MusicVae& model, const AttributeExamples& examples) {
  Latent vector = mean_of(model, examples.more);
  add(vector, mean_of(model, examples.less), -1);
  return vector;
}

Latent moved_by(const Controls& controls, const std::vector<Latent>& vectors, Latent z) {
  const int size = static_cast<int>(z.size());
  for (const auto& [dimension, shift] : controls.dimensions) {
    if (dimension < 0 || dimension >= size) {
      throw Error("the model has no latent dimension " + std::to_string(dimension) +
                  "; they are numbered from 0 to " + std::to_string(size - 1));
    }
    z[static_cast<std::size_t>(dimension)] += static_cast<float>(shift);
  }
  for (const auto& [vector, factor] : controls.vectors) {
    add(z, vectors.at(static_cast<std::size_t>(vector)), factor);
  }
  return z;
}

LatentInstrument::LatentInstrument(const MusicVae& model, const datasets::Passage& a,
                                   const datasets::Passage& b, const midi::Meter& meter,
                                   std::uint64_t seed, std::vector<Latent> vectors)
    : model_(model),
      layout_(make_layout(model.codec(), meter, model.bars_a_latent())),
      seed_(seed),
      a_(model.encode(a)),
      b_(model.encode(b)),
      vectors_(std::move(vectors)) {}

Latent LatentInstrument::latent(std::int64_t passage, const Controls& controls) const {
  return moved_by(
      controls, vectors_,
      slerp(in_turn(a_, passage), in_turn(b_, passage), even_pace(model_, controls.position)));
}

datasets::Passage LatentInstrument::bar(std::int64_t index, const Controls& controls) const {
  const int passage_bars = model_.bars_a_latent();
  const auto passage = index / passage_bars;
  const int place = static_cast<int>(index % passage_bars);
  const bool steered = steer_ && controls.steers();
  // Bars after it are left out, as nothing in it depends on them but what steers the passage.
  const auto layout = datasets::slice(layout_, 0, steered ? passage_bars : place + 1);
  const GenerationOptions options{controls.temperature,
                                  seed_ + static_cast<std::uint64_t>(passage)};
  auto music = model_.decode({latent(passage, controls)}, layout, options);
  if (steered) music = steer_(music, controls);
  return datasets::slice(music, place, 1);
}

}  // namespace musicvae
