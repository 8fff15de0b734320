#pragma once

#include <cstdint>
#include <span>

#include <torch/nn/module.h>
#include <torch/nn/pimpl.h>
#include <torch/types.h>

#include "models/row_constraint.hpp"

namespace musicvae::models {

/// Lets the bits of a row depend on each other: the logit of each bit is shifted by a weight for
/// each earlier bit that is set (a fully visible sigmoid belief network; Neal 1992). So a chord is
/// drawn as a chord, and one note of a tune rules out the others. A row's first half of bits says
/// what begins, so what sounds on depends on what begins.
class BitChainImpl : public torch::nn::Module {
 public:
  /// At first the bits are independent.
  explicit BitChainImpl(std::int64_t width);

  /// The logits of each bit of `rows` given the earlier ones; `logits` are those given no bit is
  /// set. All are [..., W].
  torch::Tensor forward(const torch::Tensor& logits, const torch::Tensor& rows) const;

  /// Draws rows [N, W] by `numbers_NW` of [0, 1), which are not needed at temperature 0: what
  /// begins from low to high, then what sounds on. Each step asks whether there is one more bit,
  /// and then which. A temperature below 1 favours the likelier answer to both, above 1 the other;
  /// 0 takes the likeliest. Music would become thin if each bit had its own sharpened probability.
  /// All is on the CPU.
  ///
  /// `rules`, one for each row or none at all, are kept to. A bit that would begin but may not is
  /// replaced by the likeliest near it that may, so that music keeps its notes.
  torch::Tensor sample(const torch::Tensor& logits_NW, double temperature,
                       const torch::Tensor& numbers_NW, std::span<const BitRule> rules = {}) const;

 private:
  torch::Tensor weight_;  // [W, W], of which what lies below the diagonal counts.
};
TORCH_MODULE(BitChain);

}  // namespace musicvae::models
