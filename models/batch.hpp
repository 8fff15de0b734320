#pragma once

#include <torch/types.h>

#include "models/runtime/transfer.hpp"

namespace musicvae::models {

/// B passages of U bars of up to R rows. A bar of length 0 is absent; absent bars come last in
/// their passage, and the first bar is never absent. Padding rows hold valid values (0) and change
/// nothing.
struct Batch {
  torch::Tensor rows;          ///< Tokens int64 [B, U, R]; bits float [B, U, R, W].
  torch::Tensor lengths_BU;    ///< int64, always on the CPU, where they lay out the work.
  torch::Tensor controls_BUC;  ///< float; C may be 0.
  /// Bars to be found from the others (inpainting): bool, on the CPU. Their rows are for the loss
  /// alone. If undefined, all bars are to be found from z.
  torch::Tensor missing_BU = {};
  /// What Model::read() gave for this batch, where it was called.
  torch::Tensor reading_BUD = {};
  /// Missing bars whose pitches, or whose rhythm, are to be kept: bool, on the CPU. These are for
  /// models that sketch. If undefined, nothing is kept.
  torch::Tensor revealed_pitch_BU = {};
  torch::Tensor revealed_rhythm_BU = {};

  Batch to(const torch::Device& device) const {
    Batch there = *this;
    there.rows = send(rows, device);
    there.controls_BUC = send(controls_BUC, device);
    if (reading_BUD.defined()) there.reading_BUD = send(reading_BUD, device);
    return there;
  }
  /// Rows of each known bar, 0 for the others: int64, on the CPU.
  torch::Tensor known_lengths_BU() const {
    return missing_BU.defined() ? lengths_BU.masked_fill(missing_BU, 0) : lengths_BU;
  }
  /// Rows of each bar to be found, 0 for the others: int64, on the CPU.
  torch::Tensor target_lengths_BU() const {
    return missing_BU.defined() ? lengths_BU.masked_fill(~missing_BU, 0) : lengths_BU;
  }
  /// True where a row is real: bool [B, U, R], on the rows' device.
  torch::Tensor mask_BUR() const { return rows_within(lengths_BU); }
  /// True at each bar's first rows, up to its limit: bool [B, U, R], on the rows' device.
  torch::Tensor rows_within(const torch::Tensor& limits_BU) const {
    return send(slots_within(limits_BU), rows.device());
  }
  /// Where the P rows to be found lie, counted through all rows and padding: int64 [P].
  torch::Tensor target_places_P() const {
    const auto targets = slots_within(target_lengths_BU()).flatten().nonzero().squeeze(1);
    return send(targets, rows.device());
  }
  /// Picks the values of the rows to be found: [B, U, R, ...] to [P, ...].
  torch::Tensor at_targets(const torch::Tensor& values) const {
    return values.flatten(0, 2).index_select(0, target_places_P());
  }
  /// Gives `values` ([B, U, R, ...]) with `targets_P` ([P, ...]) at the rows to be found.
  torch::Tensor with_targets(const torch::Tensor& values, const torch::Tensor& targets_P) const {
    return values.flatten(0, 2).index_copy(0, target_places_P(), targets_P).view_as(values);
  }

 private:
  /// rows_within() on the CPU, so that shapes which depend on it do not wait for a device.
  torch::Tensor slots_within(const torch::Tensor& limits_BU) const {
    return torch::arange(rows.size(2), limits_BU.options()) < limits_BU.unsqueeze(-1);
  }
};

}  // namespace musicvae::models
