#pragma once

#include <torch/types.h>

#include "models/runtime/transfer.hpp"

namespace musicvae::models {

/// B passages of U bars of up to R rows. A bar of length 0 is absent; absent bars come last in
/// their passage, and the first bar is never absent. Padding rows hold valid values (0) and change
/// nothing.
struct Batch {
  torch::Tensor rows;          ///< Tokens int64 [B, U, R]; bits float [B, U, R, W].
  torch::Tensor lengths_BU;    ///< int64, on the CPU wherever the others are: they lay work out.
  torch::Tensor controls_BUC;  ///< float; C may be 0.
  /// bool, on the CPU: bars to be found from the others (inpainting), whose rows are for the loss
  /// alone. Undefined: all bars are to be found from z.
  torch::Tensor missing_BU = {};
  /// What Model::read() gave for this batch, where it was called.
  torch::Tensor reading_BUD = {};
  /// bool, on the CPU: missing bars whose pitches, or whose rhythm, are to be kept; for models that
  /// sketch. Undefined: none.
  torch::Tensor revealed_pitch_BU = {};
  torch::Tensor revealed_rhythm_BU = {};

  Batch to(const torch::Device& device) const {
    Batch there = *this;
    there.rows = send(rows, device);
    there.controls_BUC = send(controls_BUC, device);
    if (reading_BUD.defined()) there.reading_BUD = send(reading_BUD, device);
    return there;
  }
  /// int64, on the CPU: rows of the bars that are given, 0 for the others.
  torch::Tensor known_lengths_BU() const {
    return missing_BU.defined() ? lengths_BU.masked_fill(missing_BU, 0) : lengths_BU;
  }
  /// int64, on the CPU: rows of the bars to be found, 0 for the others.
  torch::Tensor target_lengths_BU() const {
    return missing_BU.defined() ? lengths_BU.masked_fill(~missing_BU, 0) : lengths_BU;
  }
  /// bool [B, U, R], true where a row is real; where the rows are.
  torch::Tensor mask_BUR() const { return rows_within(lengths_BU); }
  /// Each bar's first rows up to a limit.
  torch::Tensor rows_within(const torch::Tensor& limits_BU) const {
    return send(slots_within(limits_BU), rows.device());
  }
  /// int64 [P]: where the P rows to be found lie, counted through all rows and padding.
  torch::Tensor target_places_P() const {
    const auto targets = slots_within(target_lengths_BU()).flatten().nonzero().squeeze(1);
    return send(targets, rows.device());
  }
  /// [B, U, R, ...] to those of the rows to be found: [P, ...].
  torch::Tensor at_targets(const torch::Tensor& values) const {
    return values.flatten(0, 2).index_select(0, target_places_P());
  }
  /// `values` ([B, U, R, ...]) with those of the rows to be found replaced: [P, ...].
  torch::Tensor with_targets(const torch::Tensor& values, const torch::Tensor& targets_P) const {
    return values.flatten(0, 2).index_copy(0, target_places_P(), targets_P).view_as(values);
  }

 private:
  /// rows_within() on the CPU, where shapes that depend on it keep no device waiting.
  torch::Tensor slots_within(const torch::Tensor& limits_BU) const {
    return torch::arange(rows.size(2), limits_BU.options()) < limits_BU.unsqueeze(-1);
  }
};

}  // namespace musicvae::models
