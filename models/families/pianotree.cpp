#include "models/families/pianotree.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include <torch/utils.h>

#include "models/families/weights.hpp"
#include "models/layers/dense.hpp"
#include "models/layers/encoder.hpp"
#include "models/layers/generation.hpp"
#include "models/layers/row_input.hpp"
#include "models/layers/row_stepper.hpp"
#include "models/lstm/stepper.hpp"
#include "models/passages/song_cursors.hpp"
#include "models/passages/step_layout.hpp"

namespace musicvae::models {
namespace {

void check(const ModelConfig& config) {
  if (config.row_kind == RowKind::kTokens && config.pitch_count > 0) return;
  throw ModelError(
      "model config: family 'pianotree' reads the notes of a step as tokens; take --codec "
      "notes-by-step");
}

int reading_width(const ModelConfig& config) { return 2 * config.encoder.hidden; }

LstmOptions time_reader_options(const ModelConfig& config) {
  return {.dense_features = reading_width(config) + config.control_width,
          .hidden = config.encoder.hidden,
          .layers = config.encoder.layers,
          .bidirectional = true};
}

LstmOptions time_options(const ModelConfig& config) {
  return {.dense_features = reading_width(config) + config.control_width,
          .constant_features = config.latent,
          .hidden = config.conductor.hidden,
          .layers = config.conductor.layers};
}

LstmOptions note_options(const ModelConfig& config) {
  return row_lstm_options(config, config.decoder,
                          {.constant_features = config.conductor.hidden + config.control_width});
}

/// The tokens of one step of each of N songs as a batch of one step.
Batch one_step(const std::vector<std::vector<std::int64_t>>& tokens,
               const torch::Tensor& controls_NC) {
  std::size_t longest = 1;
  for (const auto& step : tokens) longest = std::max(longest, step.size());
  const auto songs = static_cast<std::int64_t>(tokens.size());
  const auto rows_N1R = torch::zeros({songs, 1, static_cast<std::int64_t>(longest)}, torch::kLong);
  const auto lengths_N1 = torch::zeros({songs, 1}, torch::kLong);
  for (std::int64_t i = 0; i < songs; ++i) {
    const auto& step = tokens[static_cast<std::size_t>(i)];
    const auto rows = static_cast<std::int64_t>(step.size());
    rows_N1R[i][0].narrow(0, 0, rows).copy_(index_tensor(step));
    lengths_N1[i].fill_(rows);
  }
  return {rows_N1R.to(controls_NC.device()), lengths_N1, controls_NC.unsqueeze(1)};
}

class PianoTree : public Model {
 public:
  PianoTree(const ModelConfig& config, torch::Generator generator);

  Posterior encode(const Batch& batch) override;
  torch::Tensor decode(const torch::Tensor& z_BZ, const Batch& batch,
                       const torch::Tensor& inputs) override;

 private:
  GeneratedRows generate_rows(const torch::Tensor& z_BZ, const torch::Tensor& controls_BUC,
                              const torch::Tensor& present_BU, const SamplingOptions& options,
                              RowConstraint& constraint, torch::Generator generator) override;
  torch::Tensor write_step(const torch::Tensor& embedding_NE, const torch::Tensor& controls_NC,
                           const std::vector<BarId>& bars, RowSampler& sampler);

  Lstm note_reader_, time_reader_;
  PosteriorHead posterior_;
  StateHead time_state_;
  Lstm time_;
  StateHead note_state_;
  Lstm notes_;
  Dense output_;
};

PianoTree::PianoTree(const ModelConfig& config, torch::Generator generator)
    : Model(config),
      note_reader_(make_bar_reader(config, generator)),
      time_reader_(make_lstm(time_reader_options(config), generator)),
      posterior_(config.encoder, config.latent, generator),
      time_state_(config.latent, config.conductor, generator),
      time_(make_lstm(time_options(config), generator)),
      note_state_(config.conductor.hidden, config.decoder, generator),
      notes_(make_lstm(note_options(config), generator)),
      output_(make_output_layer(config.decoder.hidden, config.row_width, generator)) {
  register_module("note_reader", note_reader_);
  register_module("time_reader", time_reader_);
  register_module("posterior", posterior_);
  register_module("time_state", time_state_);
  register_module("time", time_);
  register_module("note_state", note_state_);
  register_module("notes", notes_);
  register_module("output", output_);
}

Posterior PianoTree::encode(const Batch& batch) {
  const StepLayout layout(batch);
  const auto steps = layout.steps(batch.rows, batch.controls_BUC);
  LstmInput input;
  input.dense_NTF =
      torch::cat({encode_bars(config().row_kind, note_reader_, steps), steps.controls_BUC}, -1);
  input.lengths_N = layout.counts_B();
  input.outputs = LstmSteps::kNone;
  return posterior_(top_of_both(time_reader_->forward(input).final));
}

torch::Tensor PianoTree::decode(const torch::Tensor& z_BZ, const Batch& batch,
                                const torch::Tensor& inputs) {
  const StepLayout layout(batch);
  const auto steps = layout.steps(inputs.defined() ? inputs : batch.rows, batch.controls_BUC);
  const auto reading_BSD = encode_bars(config().row_kind, note_reader_, steps);
  const auto before_BSD =
      torch::constant_pad_nd(reading_BSD.narrow(1, 0, reading_BSD.size(1) - 1), {0, 0, 1, 0});
  LstmInput over_time;
  over_time.dense_NTF = torch::cat({before_BSD, steps.controls_BUC}, -1);
  over_time.constant_NC = z_BZ;
  over_time.lengths_N = layout.counts_B();
  const auto embedding_NE =
      time_->forward(over_time, time_state_->forward(z_BZ)).output_NTD.flatten(0, 1);
  const auto tokens_NR = steps.rows.flatten(0, 1);
  auto input = row_input(config().row_kind,
                         previous_rows(no_rows(config(), tokens_NR.size(0), tokens_NR), tokens_NR));
  input.constant_NC = torch::cat({embedding_NE, steps.controls_BUC.flatten(0, 1)}, -1);
  input.lengths_N = steps.lengths_BU.flatten();
  input.outputs = LstmSteps::kReal;
  return output_(notes_->forward(input, note_state_->forward(embedding_NE)).output_PD);
}

/// Draws the rows of one step of each of N bars. Gives what the note reader reads of them, [N, D].
torch::Tensor PianoTree::write_step(const torch::Tensor& embedding_NE,
                                    const torch::Tensor& controls_NC,
                                    const std::vector<BarId>& bars, RowSampler& sampler) {
  RowStepper stepper({config().row_kind, notes_, output_});
  const auto songs = static_cast<std::int64_t>(bars.size());
  stepper.start({.state = note_state_->forward(embedding_NE),
                 .prepared = stepper.prepare_constant(torch::cat({embedding_NE, controls_NC}, -1)),
                 .rows = no_rows(config(), songs, sampler.generated().rows)});
  std::vector<std::vector<std::int64_t>> written(bars.size());
  std::vector<std::int64_t> writing;  // The bars whose step has not ended.
  for (std::int64_t i = 0; i < songs; ++i) writing.push_back(i);
  while (!writing.empty()) {
    const auto open = select(bars, writing);
    const auto tokens = sampler.next(open, stepper.step());
    const auto drawn = tokens.to(torch::kCPU, torch::kLong).contiguous();
    std::vector<std::int64_t> going_on, kept;
    for (std::size_t i = 0; i < writing.size(); ++i) {
      const auto token = drawn.data_ptr<std::int64_t>()[i];
      written[static_cast<std::size_t>(writing[i])].push_back(token);
      if (token == kEndOfStep || sampler.finished(open[i])) continue;
      going_on.push_back(writing[i]);
      kept.push_back(static_cast<std::int64_t>(i));
    }
    stepper.feed(tokens);
    if (kept.size() < writing.size() && !kept.empty()) stepper.keep(kept);
    writing = going_on;
  }
  return encode_bars(config().row_kind, note_reader_, one_step(written, controls_NC)).squeeze(1);
}

GeneratedRows PianoTree::generate_rows(const torch::Tensor& z_BZ, const torch::Tensor& controls_BUC,
                                       const torch::Tensor& present_BU,
                                       const SamplingOptions& options, RowConstraint& constraint,
                                       torch::Generator generator) {
  RowSampler sampler(config(), options, constraint, std::move(generator), present_BU.sizes());
  LstmStepper time(time_);
  auto prepared = time.prepare_constant(z_BZ);
  time.start(z_BZ.size(0), time_state_->forward(z_BZ), prepared);
  auto before_ND = z_BZ.new_zeros({z_BZ.size(0), reading_width(config())});
  SongCursors cursors(present_BU);
  while (true) {
    const auto songs = cursors.bars().size();
    const auto open = cursors.advance(sampler);
    if (open.empty()) return sampler.generated();
    if (open.size() < songs) {
      const auto index = index_tensor(open).to(z_BZ.device());
      prepared = prepared.index_select(0, index);
      before_ND = before_ND.index_select(0, index);
      time.start(prepared.size(0), select_sequences(time.state(), index), prepared);
    }
    const auto controls_NC = cursors.of_bars(controls_BUC);
    const auto embedding_NE = time.step({}, torch::cat({before_ND, controls_NC}, -1)).clone();
    before_ND = write_step(embedding_NE, controls_NC, cursors.bars(), sampler);
  }
}

}  // namespace

std::shared_ptr<Model> make_pianotree(const ModelConfig& config, torch::Generator generator) {
  check(config);
  return std::make_shared<PianoTree>(config, std::move(generator));
}

std::int64_t pianotree_weights(const ModelConfig& config) {
  const std::int64_t time = config.conductor.hidden;
  return encoder_weights(config, EncoderKind::kHierarchical) +
         state_weights(config.latent, config.conductor) +
         stack_weights(reading_width(config) + config.control_width + config.latent,
                       config.conductor, 1) +
         state_weights(time, config.decoder) +
         stack_weights(config.row_width + time + config.control_width, config.decoder, 1);
}

}  // namespace musicvae::models
