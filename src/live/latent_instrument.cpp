#include "src/live/latent_instrument.hpp"

#include <utility>

#include "src/base/error.hpp"
#include "src/music/interpolation.hpp"

namespace musicvae {
namespace {

torch::Tensor means_of(const MusicModel& model, const datasets::Passage& music) {
  return encode_means(model, split_passages(music, model.bars()));
}

torch::Tensor mean_of(const MusicModel& model, const std::vector<datasets::Passage>& pieces) {
  std::vector<torch::Tensor> means_BZ;
  for (const auto& piece : pieces) means_BZ.push_back(means_of(model, piece));
  return torch::cat(means_BZ).mean(0, true);
}

torch::Tensor row(const torch::Tensor& rows_BZ, std::int64_t index) {
  return rows_BZ.narrow(0, index % rows_BZ.size(0), 1);
}

}  // namespace

torch::Tensor attribute_vector(const MusicModel& model, const AttributeExamples& examples) {
  return mean_of(model, examples.more) - mean_of(model, examples.less);
}

LatentInstrument::LatentInstrument(const MusicModel& model, const datasets::Passage& a,
                                   const datasets::Passage& b, const midi::Meter& meter,
                                   std::uint64_t seed, std::vector<torch::Tensor> attributes)
    : model_(model),
      layout_(make_layout(*model.codec, meter, model.bars())),
      seed_(seed),
      a_BZ_(means_of(model, a)),
      b_BZ_(means_of(model, b)),
      attributes_1Z_(std::move(attributes)) {}

torch::Tensor LatentInstrument::z(std::int64_t passage, const Controls& controls) const {
  auto z_1Z = slerp(row(a_BZ_, passage), row(b_BZ_, passage), controls.position).clone();
  for (const auto& [dimension, shift] : controls.dimensions) {
    if (dimension < 0 || dimension >= z_1Z.size(1)) {
      throw Error("the model has no latent dimension " + std::to_string(dimension) +
                  "; they are numbered from 0 to " + std::to_string(z_1Z.size(1) - 1));
    }
    z_1Z.select(1, dimension) += shift;
  }
  for (const auto& [attribute, factor] : controls.attributes) {
    z_1Z += factor * attributes_1Z_.at(static_cast<std::size_t>(attribute));
  }
  return z_1Z;
}

datasets::Passage LatentInstrument::bar(std::int64_t index, const Controls& controls) const {
  const int passage_bars = model_.bars();
  const auto passage = index / passage_bars;
  const int place = static_cast<int>(index % passage_bars);
  // Bars after it are left out, as nothing in it depends on them.
  const std::vector<datasets::Passage> layouts = {datasets::slice(layout_, 0, place + 1)};
  const GenerationOptions options{controls.temperature,
                                  seed_ + static_cast<std::uint64_t>(passage)};
  const auto music = generate(model_, z(passage, controls), layouts, options).front();
  return datasets::slice(music, place, 1);
}

}  // namespace musicvae
