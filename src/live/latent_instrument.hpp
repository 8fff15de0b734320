#pragma once

#include <functional>
#include <vector>

#include "src/live/controls.hpp"
#include "src/music/musicvae.hpp"

namespace musicvae {

/// Pieces that have much of something, and pieces that have little.
struct AttributeExamples {
  std::vector<datasets::Passage> more;
  std::vector<datasets::Passage> less;
};

/// The way in latent space from the pieces that have less to those that have more: the difference
/// of their passages' mean posterior means (attribute vectors: Roberts et al. 2018, section 5.3).
Latent attribute_vector(const MusicVae& model, const AttributeExamples& examples);

/// `z` as the dimensions and vectors of `controls` move it; `vectors` are in their order. Throws
/// Error where there is no such dimension.
Latent moved_by(const Controls& controls, const std::vector<Latent>& vectors, Latent z);

/// Gives what one latent stands for more or less of what `controls` ask for.
using SteerBar =
    std::function<datasets::Passage(const datasets::Passage& music, const Controls& controls)>;

/// Music around two pieces, bar by bar. Its passages go round through those of each piece.
class LatentInstrument {
 public:
  /// Bars are of one meter. `vectors` are in the order of Controls. Throws Error where the model
  /// cannot play that meter.
  LatentInstrument(const MusicVae& model, const datasets::Passage& a, const datasets::Passage& b,
                   const midi::Meter& meter, std::uint64_t seed, std::vector<Latent> vectors = {});

  /// Has bars steered wherever controls steer. Without it they are not.
  void steer_by(SteerBar steer) { steer_ = std::move(steer); }

  /// Bar `index` (from 0) of the music: one bar of the passage that it lies in, under `controls`.
  /// While these stay, all bars of a passage come from one sample of it. Throws Error where there
  /// is no such dimension.
  datasets::Passage bar(std::int64_t index, const Controls& controls) const;

  /// The latent of passage `passage` (from 0) under `controls`.
  Latent latent(std::int64_t passage, const Controls& controls) const;

 private:
  MusicVae model_;
  datasets::Passage layout_;  // One passage.
  std::uint64_t seed_;
  std::vector<Latent> a_;
  std::vector<Latent> b_;
  std::vector<Latent> vectors_;
  SteerBar steer_;
};

}  // namespace musicvae
