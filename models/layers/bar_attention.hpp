#pragma once

#include <cstdint>

#include <torch/nn/module.h>
#include <torch/nn/pimpl.h>
#include <torch/types.h>

#include "models/layers/dense.hpp"
#include "models/model.hpp"

namespace musicvae::models {

/// Multi-head attention of bars to known bars (Vaswani et al. 2017). It learns which distances to
/// prefer (Shaw et al. 2018), and prefers bars whose neighbours are like the bar's own, because
/// music often goes on as it did before. A head may also look at nothing.
class BarAttentionImpl : public torch::nn::Module {
 public:
  /// Whether weights also depend on how like the bars' neighbours are.
  enum class Neighbours { kIgnored, kCompared };

  /// `bars` is the largest number of bars in a passage. The other two are the widths of queries and
  /// of keys.
  BarAttentionImpl(std::int64_t query_width, std::int64_t key_width, std::int64_t bars,
                   Neighbours neighbours, torch::Generator generator);

  static constexpr std::int64_t kHeads = 4;
  static constexpr std::int64_t kHeadWidth = 32;

  /// The weight that each bar gives to each other, [B, heads, U, U]. Bars where `known_BU` (bool)
  /// is false get 0, and a bar's weights add up to 1 at most. `likeness_BUU` says how like each two
  /// bars are, from 0 to 1; it is used where neighbours are compared.
  torch::Tensor forward(const torch::Tensor& queries_BUD, const torch::Tensor& keys_BUD,
                        const torch::Tensor& likeness_BUU, const torch::Tensor& known_BU);

 private:
  torch::Tensor distances(std::int64_t bars) const;

  std::int64_t bars_;
  Dense query_;
  Dense key_;
  torch::Tensor distance_;   // [heads, 2 bars - 1], by distance from -(bars - 1) on.
  torch::Tensor neighbour_;  // [heads, features of neighbours], undefined where they are ignored.
  torch::Tensor nothing_;    // [heads]
};
TORCH_MODULE(BarAttention);

/// The share of rows in which two bars are the same, for each two, [B, U, U]; 0 where one of them
/// is not known.
torch::Tensor likeness_BUU(const ModelConfig& config, const Batch& batch);

/// The weighted sums of bars' values, [B, U, heads * kHeadWidth], with heads side by side.
torch::Tensor attended(const torch::Tensor& weights_BKUU, const torch::Tensor& values_BUD);

/// The weighted sums of the known bars' rows, [B, U, R, heads * W]. Row r sums rows r.
torch::Tensor attended_rows(const ModelConfig& config, const torch::Tensor& weights_BKUU,
                            const Batch& batch);

}  // namespace musicvae::models
