#pragma once

#include <torch/types.h>

namespace musicvae::models {

/// B passages of U bars of up to R rows. A bar of length 0 is absent; absent bars come last in
/// their passage, and the first bar is never absent. Padding rows hold valid values (0) and change
/// nothing.
struct Batch {
  torch::Tensor rows;          ///< Tokens int64 [B, U, R]; bits float [B, U, R, W].
  torch::Tensor lengths_BU;    ///< int64.
  torch::Tensor controls_BUC;  ///< float; C may be 0.

  Batch to(const torch::Device& device) const {
    return {rows.to(device), lengths_BU.to(device), controls_BUC.to(device)};
  }
  /// bool [B, U, R], true where a row is real.
  torch::Tensor mask_BUR() const {
    const auto positions_R = torch::arange(rows.size(2), lengths_BU.options());
    return positions_R < lengths_BU.unsqueeze(-1);
  }
};

}  // namespace musicvae::models
