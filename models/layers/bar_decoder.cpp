#include "models/layers/bar_decoder.hpp"

#include <initializer_list>
#include <utility>

#include "models/layers/row_input.hpp"
#include "models/runtime/transfer.hpp"

namespace musicvae::models {
namespace {

/// Groups of bars that can be sampled at once. A group may depend on those before it.
std::vector<std::vector<BarId>> sampling_order(const torch::Tensor& wanted_BU, bool carry_row) {
  const auto songs = wanted_BU.size(0);
  const auto bars = wanted_BU.size(1);
  const auto wanted = wanted_BU.to(torch::kCPU).contiguous();
  std::vector<std::vector<BarId>> order(static_cast<std::size_t>(carry_row ? bars : 1));
  for (std::int64_t song = 0; song < songs; ++song) {
    for (std::int64_t bar = 0; bar < bars; ++bar) {
      if (!wanted.data_ptr<bool>()[song * bars + bar]) continue;
      order[static_cast<std::size_t>(carry_row ? bar : 0)].push_back({song, bar});
    }
  }
  return order;
}

std::vector<BarId> bars_before(std::vector<BarId> bars) {
  for (auto& id : bars) --id.bar;
  return bars;
}

torch::Tensor places_of(const std::vector<BarId>& bars, std::int64_t bars_a_song) {
  std::vector<std::int64_t> places;
  places.reserve(bars.size());
  for (const auto& id : bars) places.push_back(id.song * bars_a_song + id.bar);
  return index_tensor(places);
}

/// Logits [N, W] from what the output layer says, [N, W + copies], and from the rows that may be
/// repeated (BarDecoderInputs::copies).
torch::Tensor with_copies(const torch::Tensor& said_NO, const torch::Tensor& features_NF,
                          std::int64_t copies) {
  if (copies == 0) return said_NO;
  const auto width = said_NO.size(1) - copies;
  const auto rows_NKW = features_NF.narrow(1, 0, copies * width).view({-1, copies, width});
  const auto gates_NK1 = said_NO.narrow(1, width, copies).unsqueeze(-1);
  return said_NO.narrow(1, 0, width) + (gates_NK1 * (2 * rows_NKW - 1)).sum(1);
}

/// Values [N, R, ...] of the real rows, bar after bar: [P, ...].
torch::Tensor of_real_rows(const torch::Tensor& values_NR, const torch::Tensor& lengths_N) {
  const auto real_NR =
      torch::arange(values_NR.size(1), lengths_N.options()) < lengths_N.unsqueeze(-1);
  const auto places_P = real_NR.flatten().nonzero().squeeze(1);
  return values_NR.flatten(0, 1).index_select(0, send(places_P, values_NR.device()));
}

/// Samples `bars` row by row.
class BarSampling {
 public:
  BarSampling(std::vector<BarId> bars, RowFeatures features, std::int64_t copies)
      : bars_(std::move(bars)), features_(std::move(features)), copies_(copies) {}

  void run(RowStepper& stepper, RowSampler& sampler) {
    for (std::int64_t row = 0;; ++row) {
      const auto open = sampler.unfinished(bars_);
      if (open.empty()) return;
      if (open.size() < bars_.size()) keep(open, stepper);
      const auto features = features_.of_row(row);
      stepper.feed(sampler.next(bars_, with_copies(stepper.step(features), features, copies_)));
    }
  }

 private:
  void keep(const std::vector<std::int64_t>& open, RowStepper& stepper) {
    bars_ = select(bars_, open);
    stepper.keep(open);
    features_ = features_.of_bars(index_tensor(open));
  }

  std::vector<BarId> bars_;
  RowFeatures features_;
  std::int64_t copies_;
};

LstmOptions decoder_options(const ModelConfig& config, const BarDecoderInputs& inputs) {
  return row_lstm_options(config, config.decoder,
                          {.dense_features = inputs.features,
                           .constant_features = inputs.embedding + config.control_width});
}

}  // namespace

torch::Tensor RowFeatures::of_rows(std::int64_t count) const {
  if (!spans_NSF.defined() || rows == 1) return spans_NSF;
  const auto places_RP =
      torch::eye(rows, spans_NSF.options()).repeat({spans_NSF.size(1), 1}).unsqueeze(0);
  return torch::cat(
             {spans_NSF.repeat_interleave(rows, 1), places_RP.expand({spans_NSF.size(0), -1, -1})},
             -1)
      .narrow(1, 0, count);
}

torch::Tensor RowFeatures::of_row(std::int64_t row) const {
  if (!spans_NSF.defined()) return {};
  const auto span = row / rows;
  const auto features_NF = span < spans_NSF.size(1)
                               ? spans_NSF.select(1, span)
                               : spans_NSF.new_zeros({spans_NSF.size(0), spans_NSF.size(2)});
  if (rows == 1) return features_NF;
  auto place_NP = spans_NSF.new_zeros({spans_NSF.size(0), rows});
  place_NP.select(1, row % rows).fill_(1);
  return torch::cat({features_NF, place_NP}, -1);
}

RowFeatures RowFeatures::of_bars(const torch::Tensor& index_N) const {
  if (!spans_NSF.defined()) return *this;
  return {spans_NSF.index_select(0, index_N.to(spans_NSF.device())), rows};
}

BarContext of_bars(const BarContext& context, const torch::Tensor& index_N) {
  return {select_sequences(context.state, index_N), context.constant_NC.index_select(0, index_N),
          context.features.of_bars(index_N)};
}

BarDecoder::BarDecoder(torch::nn::Module& owner, const ModelConfig& config,
                       const BarDecoderInputs& inputs, torch::Generator generator)
    : config_(config),
      copies_(inputs.copies),
      state_(inputs.embedding, config.decoder, generator),
      lstm_(make_lstm(decoder_options(config, inputs), generator)),
      output_(
          make_output_layer(config.decoder.hidden, config.row_width + inputs.copies, generator)) {
  owner.register_module("decoder_state", state_);
  owner.register_module("decoder", lstm_);
  owner.register_module("output", output_);
  // A new decoder repeats nothing.
  output_->weight().detach().narrow(0, config.row_width, copies_).zero_();
}

BarContext BarDecoder::context(const torch::Tensor& embedding_NE, const torch::Tensor& controls_NC,
                               RowFeatures features) {
  return {state_->forward(embedding_NE), torch::cat({embedding_NE, controls_NC}, -1),
          std::move(features)};
}

torch::Tensor BarDecoder::decode(const BarContext& context, const torch::Tensor& before_N,
                                 const torch::Tensor& rows_NR, const torch::Tensor& lengths_N) {
  const auto features_NRF = context.features.of_rows(rows_NR.size(1));
  auto input = row_input(config_.row_kind, previous_rows(before_N, rows_NR), features_NRF);
  input.constant_NC = context.constant_NC;
  input.lengths_N = lengths_N;
  input.outputs = LstmSteps::kReal;
  const auto said_PO = output_(lstm_->forward(input, context.state).output_PD);
  if (copies_ == 0) return said_PO;
  return with_copies(said_PO, of_real_rows(features_NRF, lengths_N), copies_);
}

torch::Tensor BarDecoder::decode_bars(const BarContext& context, const torch::Tensor& targets_N,
                                      const Batch& batch, const torch::Tensor& inputs) {
  const auto& rows = inputs.defined() ? inputs : batch.rows;
  const auto index_N = send(targets_N, rows.device());
  const auto before_N = carried_rows(config_, rows, batch.lengths_BU).index_select(0, index_N);
  return decode(context, before_N, of_bars(rows, index_N),
                batch.lengths_BU.flatten().index_select(0, targets_N));
}

void BarDecoder::sample(const BarContext& context, const torch::Tensor& wanted_BU,
                        RowSampler& sampler) {
  for (const auto& bars : sampling_order(wanted_BU, config_.carry_row)) {
    if (bars.empty()) continue;
    const auto index = places_of(bars, wanted_BU.size(1)).to(context.constant_NC.device());
    sample_bars(of_bars(context, index), bars, sampler);
  }
}

void BarDecoder::sample_bars(const BarContext& context, const std::vector<BarId>& bars,
                             RowSampler& sampler) {
  RowStepper stepper({config_.row_kind, lstm_, output_});
  const auto count = static_cast<std::int64_t>(bars.size());
  stepper.start({.state = context.state,
                 .prepared = stepper.prepare_constant(context.constant_NC),
                 .rows = config_.carry_row ? sampler.last_rows(bars_before(bars))
                                           : no_rows(config_, count, sampler.generated().rows)});
  BarSampling(bars, context.features, copies_).run(stepper, sampler);
}

std::vector<torch::Tensor> BarDecoder::parameters() const {
  std::vector<torch::Tensor> all;
  for (const torch::nn::Module* part :
       std::initializer_list<const torch::nn::Module*>{state_.get(), lstm_.get(), output_.get()}) {
    const auto parameters = part->parameters();
    all.insert(all.end(), parameters.begin(), parameters.end());
  }
  return all;
}

torch::Tensor target_bars(const Batch& batch) {
  return batch.target_lengths_BU().flatten().nonzero().squeeze(1);
}

torch::Tensor of_bars(const torch::Tensor& values, const torch::Tensor& index_N) {
  return values.flatten(0, 1).index_select(0, index_N);
}

torch::Tensor carried_rows(const ModelConfig& config, const torch::Tensor& rows,
                           const torch::Tensor& lengths_BU) {
  const auto bars = lengths_BU.numel();
  if (!config.carry_row) return no_rows(config, bars, rows);
  const auto bar_N = torch::arange(bars, lengths_BU.options());
  const auto last_N = bar_N * rows.size(2) + (lengths_BU.flatten() - 1).clamp_min(0);
  const auto last_BU = rows.flatten(0, 2)
                           .index_select(0, send(last_N, rows.device()))
                           .reshape(rows.select(2, 0).sizes());
  return previous_rows(no_rows(config, rows.size(0), rows), last_BU).flatten(0, 1);
}

}  // namespace musicvae::models
