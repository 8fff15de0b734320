#include "models/layers/encoder.hpp"

#include "models/layers/row_input.hpp"
#include "models/layers/timeline.hpp"

namespace musicvae::models {
namespace {

LstmOptions both_directions(LstmOptions options) {
  options.bidirectional = true;
  return options;
}

class FlatEncoder : public Encoder {
 public:
  FlatEncoder(const ModelConfig& config, torch::Generator generator)
      : kind_(config.row_kind),
        rows_(make_lstm(both_directions(row_lstm_options(config, config.encoder,
                                                         {.dense_features = config.control_width})),
                        std::move(generator))) {
    register_module("rows", rows_);
  }

  torch::Tensor forward(const Batch& batch) override {
    const Timeline timeline(batch);
    auto input =
        row_input(kind_, timeline.rows(batch.rows), timeline.repeat_per_row(batch.controls_BUC));
    input.lengths_N = timeline.lengths_B();
    input.outputs = LstmSteps::kNone;
    return top_of_both(rows_->forward(input).final);
  }

 private:
  RowKind kind_;
  Lstm rows_;
};

class HierarchicalEncoder : public Encoder {
 public:
  HierarchicalEncoder(const ModelConfig& config, torch::Generator generator)
      : kind_(config.row_kind),
        rows_(make_bar_reader(config, generator)),
        bars_(make_lstm({.dense_features = 2 * config.encoder.hidden + config.control_width,
                         .hidden = config.encoder.hidden,
                         .layers = config.encoder.layers,
                         .bidirectional = true},
                        generator)) {
    register_module("rows", rows_);
    register_module("bars", bars_);
  }

  torch::Tensor forward(const Batch& batch) override {
    LstmInput input;
    input.dense_NTF = torch::cat({encode_bars(kind_, rows_, batch), batch.controls_BUC}, -1);
    input.lengths_N = (batch.lengths_BU > 0).sum(1);
    input.outputs = LstmSteps::kNone;
    return top_of_both(bars_->forward(input).final);
  }

 private:
  RowKind kind_;
  Lstm rows_;  // Reads the rows of a bar.
  Lstm bars_;  // Reads the bars of a passage.
};

}  // namespace

torch::Tensor top_of_both(const LstmState& state) {
  const auto layers = state.h_LNH.size(0);
  return torch::cat({state.h_LNH[layers - 2], state.h_LNH[layers - 1]}, -1);
}

Lstm make_bar_reader(const ModelConfig& config, torch::Generator generator) {
  return make_lstm(both_directions(row_lstm_options(config, config.encoder,
                                                    {.constant_features = config.control_width})),
                   std::move(generator));
}

torch::Tensor encode_bars(RowKind kind, const Lstm& rows, const Batch& batch) {
  auto input = row_input(kind, batch.rows.flatten(0, 1));
  if (batch.controls_BUC.size(2) > 0) input.constant_NC = batch.controls_BUC.flatten(0, 1);
  input.lengths_N = batch.known_lengths_BU().flatten();
  input.outputs = LstmSteps::kNone;
  return top_of_both(rows->forward(input).final).view({batch.rows.size(0), batch.rows.size(1), -1});
}

std::shared_ptr<Encoder> make_encoder(const ModelConfig& config, torch::Generator generator) {
  if (config.encoder_kind == EncoderKind::kFlat) {
    return std::make_shared<FlatEncoder>(config, generator);
  }
  return std::make_shared<HierarchicalEncoder>(config, generator);
}

PosteriorHeadImpl::PosteriorHeadImpl(const StackSize& encoder, int latent,
                                     torch::Generator generator)
    : mu_(2 * encoder.hidden, latent, kHeadStddev, generator),
      sigma_(2 * encoder.hidden, latent, kHeadStddev, generator) {
  register_module("mu", mu_);
  register_module("sigma", sigma_);
}

Posterior PosteriorHeadImpl::forward(const torch::Tensor& encoded_BD) {
  return {mu_(encoded_BD), torch::softplus(sigma_(encoded_BD))};
}

}  // namespace musicvae::models
