#pragma once

#include <memory>

#include <torch/nn/module.h>
#include <torch/nn/pimpl.h>
#include <torch/types.h>

#include "models/layers/dense.hpp"
#include "models/model.hpp"

namespace musicvae::models {

/// Turns a passage into one vector, as the encoders of MusicVAE (Roberts et al. 2018, section 3.1).
class Encoder : public torch::nn::Module {
 public:
  /// [B, 2 * hidden]: the last layer's final h, forward then backward.
  virtual torch::Tensor forward(const Batch& batch) = 0;
};

std::shared_ptr<Encoder> make_encoder(const ModelConfig& config, torch::Generator generator);

/// Reads each bar's rows by a bidirectional stack and returns the last layer's final h, forward
/// then backward: [B, U, 2 * hidden]. Bars that are absent or missing get zeros.
torch::Tensor encode_bars(RowKind kind, const Lstm& rows, const Batch& batch);
/// The stack that encode_bars() takes.
Lstm make_bar_reader(const ModelConfig& config, torch::Generator generator);

/// The top layer's h, forward beside backward: [N, 2 H].
torch::Tensor top_of_both(const LstmState& state);

/// q(z|x) from the encoder's vector: mu is a linear map of it, sigma the softplus of another.
class PosteriorHeadImpl : public torch::nn::Module {
 public:
  /// Maps the vector of an encoder of this size to `latent` dimensions.
  PosteriorHeadImpl(const StackSize& encoder, int latent, torch::Generator generator);

  Posterior forward(const torch::Tensor& encoded_BD);

 private:
  Dense mu_, sigma_;
};
TORCH_MODULE(PosteriorHead);

}  // namespace musicvae::models
