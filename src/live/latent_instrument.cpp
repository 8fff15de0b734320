#include "src/live/latent_instrument.hpp"

#include <string>
#include <utility>

#include "src/base/error.hpp"

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

LatentInstrument::LatentInstrument(const MusicVae& model, const datasets::Passage& a,
                                   const datasets::Passage& b, const midi::Meter& meter,
                                   std::uint64_t seed, std::vector<Latent> attributes)
    : model_(model),
      layout_(make_layout(model.codec(), meter, model.bars_a_latent())),
      seed_(seed),
      a_(model.encode(a)),
      b_(model.encode(b)),
      attributes_(std::move(attributes)) {}

Latent LatentInstrument::latent(std::int64_t passage, const Controls& controls) const {
  Latent z = slerp(in_turn(a_, passage), in_turn(b_, passage), controls.position);
  for (const auto& [dimension, shift] : controls.dimensions) {
    if (dimension < 0 || dimension >= model_.latent_size()) {
      throw Error("the model has no latent dimension " + std::to_string(dimension) +
                  "; they are numbered from 0 to " + std::to_string(model_.latent_size() - 1));
    }
    z[static_cast<std::size_t>(dimension)] += static_cast<float>(shift);
  }
  for (const auto& [attribute, factor] : controls.attributes) {
    add(z, attributes_.at(static_cast<std::size_t>(attribute)), factor);
  }
  return z;
}

datasets::Passage LatentInstrument::bar(std::int64_t index, const Controls& controls) const {
  const int passage_bars = model_.bars_a_latent();
  const auto passage = index / passage_bars;
  const int place = static_cast<int>(index % passage_bars);
  // Bars after it are left out, as nothing in it depends on them.
  const auto layout = datasets::slice(layout_, 0, place + 1);
  const GenerationOptions options{controls.temperature,
                                  seed_ + static_cast<std::uint64_t>(passage)};
  const auto music = model_.decode({latent(passage, controls)}, layout, options);
  return datasets::slice(music, place, 1);
}

}  // namespace musicvae
