#pragma once

#include <cstdint>

#include <torch/nn/module.h>
#include <torch/nn/pimpl.h>
#include <torch/types.h>

#include "models/layers/dense.hpp"
#include "models/model.hpp"

namespace musicvae::models {

/// Multi-head attention of bars to known bars (Vaswani et al. 2017) with a learned preference for
/// distances (Shaw et al. 2018), and for bars whose neighbours are like one's own: music that goes
/// on as it did before. A head may also look at nothing.
class BarAttentionImpl : public torch::nn::Module {
 public:
  /// What is weighed besides what bars hold and their distance.
  enum class Neighbours { kIgnored, kCompared };

  /// Widths of what asks and of what is asked; passages have up to `bars` bars.
  BarAttentionImpl(std::int64_t query_width, std::int64_t key_width, std::int64_t bars,
                   Neighbours neighbours, torch::Generator generator);

  static constexpr std::int64_t kHeads = 4;
  static constexpr std::int64_t kHeadWidth = 32;

  /// Weights [B, heads, U, U], of each bar to each, 0 to those where `known_BU` (bool) is false;
  /// they add up to 1 at most. `likeness_BUU`, 0 to 1, is that of each two bars, where
  /// neighbours are compared.
  torch::Tensor forward(const torch::Tensor& queries_BUD, const torch::Tensor& keys_BUD,
                        const torch::Tensor& likeness_BUU, const torch::Tensor& known_BU);

 private:
  torch::Tensor distances(std::int64_t bars) const;

  std::int64_t bars_;
  Dense query_;
  Dense key_;
  torch::Tensor distance_;   // [heads, 2 bars - 1], from -(bars - 1) on; the last ones hold beyond.
  torch::Tensor neighbour_;  // [heads, features of neighbours], undefined where they are ignored.
  torch::Tensor nothing_;    // [heads]
};
TORCH_MODULE(BarAttention);

/// The share of rows in which each two bars are the same, [B, U, U]; 0 where one is not known.
torch::Tensor likeness_BUU(const ModelConfig& config, const Batch& batch);

/// Bars' values, each head's beside the other's, weighted: [B, U, heads * kHeadWidth].
torch::Tensor attended(const torch::Tensor& weights_BKUU, const torch::Tensor& values_BUD);

/// The rows of `batch`'s known bars, weighted: [B, U, R, heads * W]; row r is made of the rows r.
torch::Tensor attended_rows(const ModelConfig& config, const torch::Tensor& weights_BKUU,
                            const Batch& batch);

}  // namespace musicvae::models
