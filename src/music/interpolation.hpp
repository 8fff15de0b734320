#pragma once

#include "src/music/generation.hpp"

namespace musicvae {

/// Spherical interpolation of rows of a and b [B, Z] at t in [0, 1] (Shoemake 1985; White 2016):
/// each pair turns in its plane while its length goes linearly. Linear where a pair is (nearly)
/// parallel.
torch::Tensor slerp(const torch::Tensor& a_BZ, const torch::Tensor& b_BZ, double t);

/// How pieces of different length meet.
enum class LengthRule {
  kRepeat,  ///< The shorter one is repeated to the length of the longer.
  kCut,     ///< The longer one is cut to the length of the shorter.
};

struct InterpolationOptions {
  int steps = 8;  ///< Endpoints included.
  LengthRule length_rule = LengthRule::kRepeat;
  GenerationOptions generation{0.0, 1};  ///< Sampling noise would hide the way.
};

/// One step of the way: t = 0 is the reconstruction of A, 1 that of B. Meters are A's in the first
/// half of the way and B's in the second.
struct InterpolationStep {
  double t = 0;
  datasets::Passage music;
};

/// Music between `a` and `b`, passage by passage through the posterior means.
std::vector<InterpolationStep> interpolate(const MusicModel& model, const datasets::Passage& a,
                                           const datasets::Passage& b,
                                           const InterpolationOptions& options,
                                           datasets::Dropped* dropped = nullptr);

}  // namespace musicvae
