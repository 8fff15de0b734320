#pragma once

#include <cstdint>
#include <vector>

#include <torch/types.h>

#include "models/config.hpp"
#include "models/layers/dense.hpp"
#include "models/layers/linear_stepper.hpp"
#include "models/lstm/stepper.hpp"

namespace musicvae::models {

/// The start of N sequences of rows.
struct RowStart {
  LstmState state;
  torch::Tensor prepared;  ///< From RowStepper::prepare_constant(), [N, ...].
  torch::Tensor rows;      ///< The row before the first: [N], or [N, W] for bits.
};

/// The parts of a decoder that a RowStepper runs. Their parameters must not change while it does.
struct RowDecoder {
  RowKind kind = RowKind::kTokens;
  Lstm lstm{nullptr};
  Dense output{nullptr};
};

/// Runs an LSTM and its output layer over rows that are found one by one, without gradients.
/// Sequences that are done can be left out.
class RowStepper {
 public:
  explicit RowStepper(const RowDecoder& decoder);

  /// Does what LstmStepper::prepare_constant() does.
  torch::Tensor prepare_constant(const torch::Tensor& constant_NC) const {
    return stepper_.prepare_constant(constant_NC);
  }
  void start(const RowStart& start);
  /// Goes on with only the sequences of `kept`, in that order.
  void keep(const std::vector<std::int64_t>& kept);
  /// Takes one step and returns the logits [N, W] of the next row. Features [N, F] are as in
  /// row_input().
  torch::Tensor step(const torch::Tensor& dense_NF = {});
  /// Takes the rows that were drawn from the logits of step().
  void feed(const torch::Tensor& rows) { rows_ = rows; }

 private:
  RowKind kind_;
  LstmStepper stepper_;
  LinearStepper output_;
  torch::Tensor prepared_;
  torch::Tensor rows_;
};

/// The states [layers, N, H] of the sequences `index`.
LstmState select_sequences(const LstmState& state, const torch::Tensor& index);

}  // namespace musicvae::models
