#pragma once

#include <torch/nn/module.h>
#include <torch/nn/pimpl.h>
#include <torch/types.h>

#include "models/layers/dense.hpp"
#include "models/model.hpp"

namespace musicvae::models {

/// Latents of missing bars from those of the others, as InpaintNet's LatentRNN (Pati et al. 2019):
/// for each run of missing bars one bidirectional stack reads the passage before it and another
/// what comes after; their final states, side by side, start a third over the run, twice as wide,
/// whose output is linearly mapped to the latents. All three are told each bar's controls. Bars of
/// other runs are there to be counted, but hold nothing.
class LatentInpainterImpl : public torch::nn::Module {
 public:
  /// For latents of `latent` dimensions, with stacks of the size of the config's conductor.
  LatentInpainterImpl(const ModelConfig& config, int latent, torch::Generator generator);

  /// `latents_BUZ` with what it finds in place of the latents of `batch`'s missing bars.
  torch::Tensor forward(const torch::Tensor& latents_BUZ, const Batch& batch);

 private:
  Lstm past_, future_, missing_;
  Dense latent_;
};
TORCH_MODULE(LatentInpainter);

}  // namespace musicvae::models
