#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include <torch/types.h>

#include "models/config.hpp"
#include "models/layers/dense.hpp"
#include "models/lstm/stepper.hpp"

namespace musicvae::models {

/// The start of N sequences of rows.
struct RowStart {
  LstmState state;
  torch::Tensor prepared;  ///< From RowStepper::prepare_constant(), [N, ...].
  torch::Tensor rows;      ///< The row before the first: [N], or [N, W] for bits.
};

/// Runs an LSTM and its output layer over rows that are found one by one, without gradients.
/// Sequences that are done can be left out.
class RowStepper {
 public:
  virtual ~RowStepper() = default;

  /// Does what LstmStepper::prepare_constant() does.
  virtual torch::Tensor prepare_constant(const torch::Tensor& constant_NC) const = 0;
  virtual void start(const RowStart& start) = 0;
  /// Goes on with only the sequences of `kept`, in that order.
  virtual void keep(const std::vector<std::int64_t>& kept) = 0;
  /// Takes one step and returns the logits [N, W] of the next row, valid until the next step.
  /// Features [N, F] are as in row_input().
  virtual torch::Tensor step(const torch::Tensor& dense_NF = {}) = 0;
  /// Takes the rows that were drawn from the logits of step().
  virtual void feed(const torch::Tensor& rows) = 0;
};

/// The parts of a decoder that a RowStepper runs. Their parameters must not change while it does.
struct RowDecoder {
  RowKind kind = RowKind::kTokens;
  Lstm lstm{nullptr};
  Dense output{nullptr};
};

/// The stepper that is faster on the decoder's device.
std::unique_ptr<RowStepper> make_row_stepper(RowDecoder decoder);

/// A stepper that computes only the sequences that are left.
std::unique_ptr<RowStepper> make_shrinking_stepper(RowDecoder decoder);

/// A stepper that goes on computing sequences that are done. So every step is the same work, and a
/// RecordedWork can do it.
std::unique_ptr<RowStepper> make_recorded_stepper(RowDecoder decoder);

/// The states [layers, N, H] of the sequences `index`.
LstmState select_sequences(const LstmState& state, const torch::Tensor& index);

}  // namespace musicvae::models
