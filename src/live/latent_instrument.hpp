#pragma once

#include <vector>

#include "src/live/controls.hpp"
#include "src/music/generation.hpp"

namespace musicvae {

/// Pieces that have much of something, and pieces that have little.
struct AttributeExamples {
  std::vector<datasets::Passage> more;
  std::vector<datasets::Passage> less;
};

/// The way in latent space from those that have less to those that have more [1, Z]: the difference
/// of their passages' mean posterior means (attribute vectors: Roberts et al. 2018, section 5.3).
torch::Tensor attribute_vector(const MusicModel& model, const AttributeExamples& examples);

/// Music around two pieces, bar by bar. Passage after passage goes round through both, each its
/// own.
class LatentInstrument {
 public:
  /// Bars are of one meter. `attributes` are vectors [1, Z] in the order of Controls. Throws Error
  /// where the model cannot play that meter.
  LatentInstrument(const MusicModel& model, const datasets::Passage& a, const datasets::Passage& b,
                   const midi::Meter& meter, std::uint64_t seed,
                   std::vector<torch::Tensor> attributes = {});

  /// Bar `index` (from 0) of the music: one bar of the passage that it lies in, under `controls`.
  /// While these stay, all bars of a passage come from one sample of it. Throws Error where there
  /// is no such dimension or attribute.
  datasets::Passage bar(std::int64_t index, const Controls& controls) const;

  /// [1, Z] under `controls` in passage `passage` (from 0).
  torch::Tensor z(std::int64_t passage, const Controls& controls) const;

 private:
  MusicModel model_;
  datasets::Passage layout_;  // Of a passage.
  std::uint64_t seed_;
  torch::Tensor a_BZ_;
  torch::Tensor b_BZ_;
  std::vector<torch::Tensor> attributes_1Z_;
};

}  // namespace musicvae
