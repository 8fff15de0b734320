#include "models/families/latent_inpainter.hpp"

#include <algorithm>
#include <cstdint>
#include <vector>

#include "models/families/weights.hpp"
#include "models/layers/generation.hpp"
#include "models/runtime/transfer.hpp"

namespace musicvae::models {
namespace {

/// N stretches of neighbouring bars. Tensors are int64, on the CPU.
struct Stretches {
  torch::Tensor first_N;  ///< The first bar, counted through all songs.
  torch::Tensor lengths_N;
};

/// The runs of missing bars, with the stretches before and after each.
struct Runs {
  Stretches before, missing, after;
};

/// The end of the run of bars that starts at `first`. The bars of a run are all missing or all
/// known.
std::int64_t end_of_run(const bool* missing, std::int64_t first, std::int64_t bars) {
  return std::find(missing + first, missing + bars, !missing[first]) - missing;
}

/// The runs of missing bars, in the order of the bars.
Runs runs_of(const torch::Tensor& missing_BU, const torch::Tensor& present_B) {
  const auto missing = missing_BU.contiguous();
  const auto slots = missing.size(1);
  std::vector<std::int64_t> song_start, first, end, bars;
  for (std::int64_t song = 0; song < missing.size(0); ++song) {
    const bool* const bar = missing.data_ptr<bool>() + song * slots;
    const auto present = present_B[song].item<std::int64_t>();
    for (std::int64_t at = 0, next = 0; at < present; at = next) {
      next = end_of_run(bar, at, present);
      if (!bar[at]) continue;
      song_start.push_back(song * slots);
      first.push_back(at);
      end.push_back(next);
      bars.push_back(present);
    }
  }
  const auto start_N = index_tensor(song_start);
  const auto first_N = index_tensor(first);
  const auto end_N = index_tensor(end);
  return {.before = {start_N, first_N},
          .missing = {start_N + first_N, end_N - first_N},
          .after = {start_N + end_N, index_tensor(bars) - end_N}};
}

/// The input of an LSTM that reads each stretch of `values_BUF` as one sequence.
LstmInput input_of(const torch::Tensor& values_BUF, const Stretches& stretches) {
  const auto steps = std::max<std::int64_t>(1, stretches.lengths_N.max().item<std::int64_t>());
  const auto index_NT = (stretches.first_N.unsqueeze(1) + torch::arange(steps))
                            .clamp_max(values_BUF.size(0) * values_BUF.size(1) - 1);
  LstmInput input;
  input.dense_NTF = values_BUF.flatten(0, 1)
                        .index_select(0, send(index_NT.flatten(), values_BUF.device()))
                        .view({index_NT.size(0), steps, values_BUF.size(2)});
  input.lengths_N = stretches.lengths_N;
  return input;
}

LstmState after_reading(const Lstm& lstm, LstmInput input) {
  input.outputs = LstmSteps::kNone;
  return lstm->forward(input).final;
}

LstmState side_by_side(const LstmState& a, const LstmState& b) {
  return {torch::cat({a.h_LNH, b.h_LNH}, -1), torch::cat({a.c_LNH, b.c_LNH}, -1)};
}

LstmOptions stack_options(const ModelConfig& config, int latent, int hidden) {
  return {.dense_features = latent + 1 + config.control_width,
          .hidden = hidden,
          .layers = config.conductor.layers,
          .bidirectional = true};
}

}  // namespace

LatentInpainterImpl::LatentInpainterImpl(const ModelConfig& config, int latent,
                                         torch::Generator generator)
    : past_(make_lstm(stack_options(config, latent, config.conductor.hidden), generator)),
      future_(make_lstm(stack_options(config, latent, config.conductor.hidden), generator)),
      missing_(make_lstm(stack_options(config, latent, 2 * config.conductor.hidden), generator)),
      latent_(make_output_layer(4 * config.conductor.hidden, latent, generator)) {
  register_module("past", past_);
  register_module("future", future_);
  register_module("missing", missing_);
  register_module("latent", latent_);
}

torch::Tensor LatentInpainterImpl::forward(const torch::Tensor& latents_BUZ, const Batch& batch) {
  const auto present_BU = batch.lengths_BU > 0;
  const auto missing_BU = batch.missing_BU & present_BU;
  const auto runs = runs_of(missing_BU, present_BU.sum(1));
  if (runs.missing.first_N.numel() == 0) return latents_BUZ;
  const auto flags_BU1 = send(missing_BU, latents_BUZ.device()).unsqueeze(-1);
  const auto bars_BUF = torch::cat({latents_BUZ.masked_fill(flags_BU1, 0),
                                    flags_BU1.to(latents_BUZ.scalar_type()), batch.controls_BUC},
                                   -1);
  const auto start = side_by_side(after_reading(past_, input_of(bars_BUF, runs.before)),
                                  after_reading(future_, input_of(bars_BUF, runs.after)));
  auto input = input_of(bars_BUF, runs.missing);
  input.outputs = LstmSteps::kReal;
  const auto found_MZ = latent_(missing_->forward(input, start).output_PD);
  const auto bars = missing_BU.flatten().nonzero().squeeze(1);
  return latents_BUZ.flatten(0, 1)
      .index_copy(0, send(bars, latents_BUZ.device()), found_MZ)
      .view_as(latents_BUZ);
}

std::int64_t latent_inpainter_weights(const ModelConfig& config, std::int64_t latent) {
  const auto inputs = latent + 1 + config.control_width;
  const StackSize twice{config.conductor.layers, 2 * config.conductor.hidden};
  return 2 * stack_weights(inputs, config.conductor, 2) + stack_weights(inputs, twice, 2) +
         4 * latent * config.conductor.hidden;
}

}  // namespace musicvae::models
