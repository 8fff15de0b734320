#pragma once

#include <cstdint>

#include <torch/nn/module.h>
#include <torch/nn/pimpl.h>
#include <torch/types.h>

#include "models/layers/dense.hpp"
#include "models/model.hpp"

namespace musicvae::models {

/// Finds the latents of missing bars from those of the others, as InpaintNet's LatentRNN does (Pati
/// et al. 2019). For each run of missing bars, one bidirectional stack reads the bars before it and
/// another the bars after it. Their final states, side by side, start a third stack over the run,
/// twice as wide, whose output is mapped linearly to the latents. All three read each bar's
/// controls. They read the missing bars of other runs as bars without content.
class LatentInpainterImpl : public torch::nn::Module {
 public:
  /// Takes latents of `latent` dimensions. The stacks have the size of the config's conductor.
  LatentInpainterImpl(const ModelConfig& config, int latent, torch::Generator generator);

  /// Finds the latents of the missing bars of `batch`, and gives `latents_BUZ` with these in their
  /// place.
  torch::Tensor forward(const torch::Tensor& latents_BUZ, const Batch& batch);

 private:
  Lstm past_, future_, missing_;
  Dense latent_;
};
TORCH_MODULE(LatentInpainter);

/// An estimate of the inpainter's weights for latents of `latent` dimensions.
std::int64_t latent_inpainter_weights(const ModelConfig& config, std::int64_t latent);

}  // namespace musicvae::models
