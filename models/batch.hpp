#pragma once

#include <torch/types.h>

#include "models/transfer.hpp"

namespace musicvae::models {

/// B passages of U bars of up to R rows. A bar of length 0 is absent; absent bars come last in
/// their passage, and the first bar is never absent. Padding rows hold valid values (0) and change
/// nothing.
struct Batch {
  torch::Tensor rows;          ///< Tokens int64 [B, U, R]; bits float [B, U, R, W].
  torch::Tensor lengths_BU;    ///< int64, on the CPU wherever the others are: they lay work out.
  torch::Tensor controls_BUC;  ///< float; C may be 0.

  Batch to(const torch::Device& device) const {
    return {send(rows, device), lengths_BU, send(controls_BUC, device)};
  }
  /// bool [B, U, R], true where a row is real; where the rows are.
  torch::Tensor mask_BUR() const {
    const auto positions_R = torch::arange(rows.size(2), lengths_BU.options());
    return send(positions_R < lengths_BU.unsqueeze(-1), rows.device());
  }
};

}  // namespace musicvae::models
