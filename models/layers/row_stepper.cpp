#include "models/layers/row_stepper.hpp"

#include <torch/utils.h>

#include "models/layers/generation.hpp"
#include "models/layers/row_input.hpp"

namespace musicvae::models {
namespace {

/// Rows as the decoder's layers take them, on their device, and bits in their type.
torch::Tensor rows_like(const torch::Tensor& rows, const torch::Tensor& like) {
  return rows.is_floating_point() ? rows.to(like.options()) : rows.to(like.device());
}

}  // namespace

RowStepper::RowStepper(const RowDecoder& decoder)
    : kind_(decoder.kind), stepper_(decoder.lstm), output_(decoder.output) {}

void RowStepper::start(const RowStart& start) {
  prepared_ = start.prepared;
  rows_ = rows_like(start.rows, prepared_);
  stepper_.start(prepared_.size(0), start.state, prepared_);
}

void RowStepper::keep(const std::vector<std::int64_t>& kept) {
  const auto index = index_tensor(kept).to(prepared_.device());
  start({.state = select_sequences(stepper_.state(), index),
         .prepared = prepared_.index_select(0, index),
         .rows = rows_.index_select(0, index)});
}

torch::Tensor RowStepper::step(const torch::Tensor& dense_NF) {
  const auto input = row_input(kind_, rows_, dense_NF);
  return output_.step(stepper_.step(input.tokens_NT, input.dense_NTF));
}

LstmState select_sequences(const LstmState& state, const torch::Tensor& index) {
  return {.h_LNH = state.h_LNH.index_select(1, index), .c_LNH = state.c_LNH.index_select(1, index)};
}

}  // namespace musicvae::models
