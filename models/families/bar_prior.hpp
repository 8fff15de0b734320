#pragma once

#include <cstdint>
#include <vector>

#include <torch/nn/module.h>
#include <torch/nn/pimpl.h>
#include <torch/types.h>

#include "models/batch.hpp"
#include "models/config.hpp"
#include "models/layers/bar_decoder.hpp"
#include "models/layers/bit_chain.hpp"
#include "models/layers/causal_attention.hpp"
#include "models/layers/causal_transformer.hpp"
#include "models/layers/dense.hpp"
#include "models/layers/generation.hpp"

namespace musicvae::models {

/// p(bar u | bars before, meters): how the bars of a piece follow each other. A causal transformer
/// reads the latents of the bars before. Attention heads choose bars before, so that music can come
/// back (a pointer, as in Merity et al. 2017); they see how like the bars before a bar are to those
/// before this one. An LSTM writes the bar row after row. It sees what the chosen bars have in the
/// same row, and says how much to repeat it.
///
/// The prior of a bar's latent follows: p(z_u | bars before) is the mean of q(z_u | bar u) over
/// the bars that may be written. It is a mixture of posteriors, as the VampPrior (Tomczak and
/// Welling 2018) is, but one of as many as there are bars.
///
/// Music may have any number of bars. Each layer sees ModelConfig::bars of them.
class BarPriorImpl : public torch::nn::Module {
 public:
  BarPriorImpl(const ModelConfig& config, torch::Generator generator);

  /// -log p(bar u | bars before) in nats: [B, U], 0 where a bar is absent. It depends on no later
  /// bar. As q(z_u | bar u) has that weight in the prior, it is also an upper bound of
  /// KL(q(z_u | bar u) || p(z_u | bars before)).
  torch::Tensor bar_loss_BU(const torch::Tensor& z_BUZ, const Batch& batch);

  /// Writes the bar after those of z_BKZ for the songs where `wanted_B` (bool, on the CPU).
  /// `sampler` has the rows of all bars before. The controls are those of K + 1 bars or more.
  void write_next(const torch::Tensor& z_BKZ, const torch::Tensor& controls_BUC,
                  const torch::Tensor& wanted_B, RowSampler& sampler);

 private:
  /// What is known of each bar before it is written, song by song. Its own rows say nothing.
  BarContext context(const torch::Tensor& z_BUZ, const Batch& batch);

  ModelConfig config_;
  std::int64_t reach_;  // A bar depends on no more bars before it.
  Dense input_;
  CausalTransformer transformer_;
  CausalAttention pointer_;
  torch::Tensor likeness_;  // [pointers, features]: how much they prefer what goes on alike.
  BarDecoder writer_;
  BitChain chain_{nullptr};
};
TORCH_MODULE(BarPrior);

std::int64_t bar_prior_weights(const ModelConfig& config);

}  // namespace musicvae::models
