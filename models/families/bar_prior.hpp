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
#include "models/layers/later_bars.hpp"

namespace musicvae::models {

/// p(bar u | bars before, known bars after, meters): how the bars of a piece follow each other. A
/// causal transformer reads the latents of the bars before; where a gap is filled, bars also hear
/// where the known bars after it lead. Attention heads choose bars of either kind, so that music
/// can come back (a pointer, as in Merity et al. 2017); they see how like the bars beside a bar are
/// to those beside this one. An LSTM writes the bar row after row. It sees what the chosen bars
/// have in the same row, and says how much to repeat it.
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
  ///
  /// Where bars are missing, these alone count, given all known bars and the missing ones before.
  torch::Tensor bar_loss_BU(const torch::Tensor& z_BUZ, const Batch& batch);

  /// Logits of the rows to be found, each given the rows before it: [P, W], as Model::decode()
  /// gives them.
  torch::Tensor logits_PW(const torch::Tensor& z_BUZ, const Batch& batch);

  /// Writes one bar of the songs where `wanted_B` (bool, on the CPU), given the bars before it and
  /// those after it that are not missing. `sampler` has the rows of these bars, and z_BUZ their
  /// latents. Only the controls and the missing bars of `batch` are looked at.
  void write(std::int64_t bar, const torch::Tensor& z_BUZ, const Batch& batch,
             const torch::Tensor& wanted_B, RowSampler& sampler);

 private:
  /// What is known of each bar before it is written, song by song. Neither its own rows nor those
  /// of missing bars after it say anything.
  BarContext context(const torch::Tensor& z_BUZ, const Batch& batch);
  /// How much each pointer looks at each bar: [B, pointers, U, U].
  torch::Tensor pointed_BKUU(const torch::Tensor& read_BUH, const torch::Tensor& z_BUZ,
                             const torch::Tensor& alike_BUUL, const torch::Tensor& known_BU);

  ModelConfig config_;
  std::int64_t reach_;  // A bar depends on no more bars before it.
  Dense input_;
  CausalTransformer transformer_;
  CausalAttention pointer_;
  LaterBars later_;
  torch::Tensor likeness_;  // [pointers, features]: how much they prefer what goes on alike.
  BarDecoder writer_;
  BitChain chain_{nullptr};
};
TORCH_MODULE(BarPrior);

std::int64_t bar_prior_weights(const ModelConfig& config);

}  // namespace musicvae::models
