#include "models/layers/row_stepper.hpp"

#include <optional>
#include <utility>

#include <torch/utils.h>

#include "models/layers/generation.hpp"
#include "models/layers/linear_stepper.hpp"
#include "models/layers/row_input.hpp"
#include "models/runtime/recorded_work.hpp"

namespace musicvae::models {
namespace {

/// Rows as the decoder's layers take them, on their device, and bits in their type.
torch::Tensor rows_like(const torch::Tensor& rows, const torch::Tensor& like) {
  return rows.is_floating_point() ? rows.to(like.options()) : rows.to(like.device());
}

class ShrinkingStepper final : public RowStepper {
 public:
  explicit ShrinkingStepper(const RowDecoder& decoder)
      : kind_(decoder.kind), stepper_(decoder.lstm), output_(decoder.output) {}

  torch::Tensor prepare_constant(const torch::Tensor& constant_NC) const override {
    return stepper_.prepare_constant(constant_NC);
  }

  void start(const RowStart& start) override {
    prepared_ = start.prepared;
    rows_ = rows_like(start.rows, prepared_);
    stepper_.start(prepared_.size(0), start.state, prepared_);
  }

  void keep(const std::vector<std::int64_t>& kept) override {
    const auto index = index_tensor(kept).to(prepared_.device());
    start({.state = select_sequences(stepper_.state(), index),
           .prepared = prepared_.index_select(0, index),
           .rows = rows_.index_select(0, index)});
  }

  torch::Tensor step(const torch::Tensor& dense_NF) override {
    const auto input = row_input(kind_, rows_, dense_NF);
    return output_.step(stepper_.step(input.tokens_NT, input.dense_NTF));
  }

  void feed(const torch::Tensor& rows) override { rows_ = rows; }

 private:
  RowKind kind_;
  LstmStepper stepper_;
  LinearStepper output_;
  torch::Tensor prepared_;
  torch::Tensor rows_;
};

class RecordedStepper final : public RowStepper {
 public:
  explicit RecordedStepper(RowDecoder decoder)
      : decoder_(std::move(decoder)), stepper_(decoder_.lstm) {}

  torch::Tensor prepare_constant(const torch::Tensor& constant_NC) const override {
    return stepper_.prepare_constant(constant_NC);
  }

  void start(const RowStart& start) override {
    const auto count = start.prepared.size(0);
    if (!prepared_.defined() || count > prepared_.size(0)) make_room(start);
    prepared_.narrow(0, 0, count).copy_(start.prepared);
    rows_.narrow(0, 0, count).copy_(start.rows);
    stepper_.state().h_LNH.narrow(1, 0, count).copy_(start.state.h_LNH);
    stepper_.state().c_LNH.narrow(1, 0, count).copy_(start.state.c_LNH);
    places_ = torch::arange(count, torch::TensorOptions(prepared_.device()).dtype(torch::kInt64));
  }

  void keep(const std::vector<std::int64_t>& kept) override {
    places_ = places_.index_select(0, index_tensor(kept).to(places_.device()));
  }

  torch::Tensor step(const torch::Tensor& dense_NF) override {
    if (dense_NF.defined() && dense_NF.size(1) > 0) {
      if (!dense_.defined()) dense_ = prepared_.new_zeros({prepared_.size(0), dense_NF.size(1)});
      dense_.index_copy_(0, places_, dense_NF);
    }
    if (!work_) record();
    work_->run();
    return logits_.index_select(0, places_);
  }

  void feed(const torch::Tensor& rows) override { rows_.index_copy_(0, places_, rows); }

 private:
  /// Makes the tensors that every step uses, for as many sequences as start.
  void make_room(const RowStart& start) {
    work_.reset();
    dense_ = torch::Tensor();
    prepared_ = start.prepared.clone();
    rows_ = rows_like(start.rows, prepared_).clone();
    stepper_.start(prepared_.size(0), start.state, prepared_);
  }

  /// Recording takes steps. They must not count, so the states are restored.
  void record() {
    const LstmState before{stepper_.state().h_LNH.clone(), stepper_.state().c_LNH.clone()};
    const auto advance = [this] {
      const torch::NoGradGuard no_grad;
      const auto input = row_input(decoder_.kind, rows_, dense_);
      const auto logits = decoder_.output(stepper_.step(input.tokens_NT, input.dense_NTF));
      if (!logits_.defined() || logits_.sizes() != logits.sizes()) logits_ = logits.clone();
      logits_.copy_(logits);
    };
    work_.emplace(advance, prepared_.device());
    stepper_.state().h_LNH.copy_(before.h_LNH);
    stepper_.state().c_LNH.copy_(before.c_LNH);
  }

  RowDecoder decoder_;
  LstmStepper stepper_;
  torch::Tensor prepared_;
  torch::Tensor rows_;
  torch::Tensor dense_;
  torch::Tensor logits_;
  torch::Tensor places_;  // Where in these tensors the sequences lie that are left.
  std::optional<RecordedWork> work_;
};

}  // namespace

std::unique_ptr<RowStepper> make_row_stepper(RowDecoder decoder) {
  const bool cuda = decoder.lstm->weights()[0].bias_G.is_cuda();
  return cuda ? make_recorded_stepper(std::move(decoder))
              : make_shrinking_stepper(std::move(decoder));
}

std::unique_ptr<RowStepper> make_shrinking_stepper(RowDecoder decoder) {
  return std::make_unique<ShrinkingStepper>(decoder);
}

std::unique_ptr<RowStepper> make_recorded_stepper(RowDecoder decoder) {
  return std::make_unique<RecordedStepper>(std::move(decoder));
}

LstmState select_sequences(const LstmState& state, const torch::Tensor& index) {
  return {.h_LNH = state.h_LNH.index_select(1, index), .c_LNH = state.c_LNH.index_select(1, index)};
}

}  // namespace musicvae::models
