#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include <torch/types.h>

#include "models/config.hpp"
#include "models/lstm_stepper.hpp"

namespace musicvae::models {

/// What N sequences of rows start from.
struct RowStart {
  LstmState state;
  torch::Tensor prepared;  ///< Constants as of RowStepper::prepare_constant(), [N, ...].
  torch::Tensor rows;      ///< The row before the first: [N], or [N, W] for bits.
};

/// Runs an LSTM over rows that are found one by one. Sequences that are done can be left out.
class RowStepper {
 public:
  RowStepper(RowKind kind, Lstm lstm) : kind_(kind), stepper_(std::move(lstm)) {}

  /// As LstmStepper's.
  torch::Tensor prepare_constant(const torch::Tensor& constant_NC) const {
    return stepper_.prepare_constant(constant_NC);
  }
  void start(const RowStart& start);
  /// Goes on with only the sequences of `kept`, in that order.
  void keep(const std::vector<std::int64_t>& kept);
  /// The top layer's h [N, H] of the next step; features [N, F] as in row_input().
  torch::Tensor step(const torch::Tensor& dense_NF = {});
  /// The rows that step() led to.
  void feed(const torch::Tensor& rows) { rows_ = rows; }

 private:
  RowKind kind_;
  LstmStepper stepper_;
  torch::Tensor prepared_;
  torch::Tensor rows_;
};

/// Entries of [layers, N, H] states.
LstmState select_sequences(const LstmState& state, const torch::Tensor& index);

}  // namespace musicvae::models
