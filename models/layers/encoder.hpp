#pragma once

#include <memory>

#include <torch/nn/module.h>
#include <torch/nn/pimpl.h>
#include <torch/types.h>

#include "models/layers/dense.hpp"
#include "models/model.hpp"

namespace musicvae::models {

/// A passage to one vector, as the two encoders of MusicVAE (Roberts et al. 2018, section 3.1).
class Encoder : public torch::nn::Module {
 public:
  /// [B, 2 * hidden]: the last layer's final h, forward then backward.
  virtual torch::Tensor forward(const Batch& batch) = 0;
};

std::shared_ptr<Encoder> make_encoder(const ModelConfig& config, torch::Generator generator);

/// Each bar's rows through a bidirectional stack, as [B, U, 2 * hidden]: the last layer's final h,
/// forward then backward. Zeros for bars that are absent or missing.
torch::Tensor encode_bars(RowKind kind, const Lstm& rows, const Batch& batch);
/// The stack for it.
Lstm make_bar_reader(const ModelConfig& config, torch::Generator generator);

/// h of the top layer, forward beside backward: [N, 2 H].
torch::Tensor top_of_both(const LstmState& state);

/// q(z|x) from the encoder's vector: mu is linear, sigma the softplus of linear.
class PosteriorHeadImpl : public torch::nn::Module {
 public:
  /// From what an encoder of that size gives to `latent` dimensions.
  PosteriorHeadImpl(const StackSize& encoder, int latent, torch::Generator generator);

  Posterior forward(const torch::Tensor& encoded_BD);

 private:
  Dense mu_, sigma_;
};
TORCH_MODULE(PosteriorHead);

}  // namespace musicvae::models
