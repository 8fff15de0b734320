#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include <torch/types.h>

#include "models/model.hpp"

/// The networks as a textbook writes them: one passage, one step, one vector at a time.
namespace musicvae::models {

/// Parameters of a model by name.
class Parameters {
 public:
  explicit Parameters(const Model& model) : all_(model.named_parameters()) {}

  torch::Tensor operator[](const std::string& name) const { return all_[name].detach(); }
  torch::Tensor dense(const std::string& name, const torch::Tensor& x) const {
    return (*this)[name + ".weight"].matmul(x) + (*this)[name + ".bias"];
  }

 private:
  torch::OrderedDict<std::string, torch::Tensor> all_;
};

/// h and c of one layer.
struct NaiveState {
  torch::Tensor h, c;
};

inline NaiveState naive_cell(const Parameters& parameters, const std::string& lstm,
                             const std::string& layer, const torch::Tensor& x,
                             const NaiveState& state) {
  const auto gates =
      (x.matmul(parameters[lstm + ".weight_ih" + layer]) +
       state.h.matmul(parameters[lstm + ".weight_hh" + layer]) + parameters[lstm + ".bias" + layer])
          .chunk(4);
  const auto c = gates[1].sigmoid() * state.c + gates[0].sigmoid() * gates[2].tanh();
  return {gates[3].sigmoid() * c.tanh(), c};
}

/// One step of a stack; gives the top layer's h.
inline torch::Tensor naive_step(const Parameters& parameters, const std::string& lstm,
                                torch::Tensor x, std::vector<NaiveState>& states) {
  for (std::size_t layer = 0; layer < states.size(); ++layer) {
    auto& state = states[layer];
    state = naive_cell(parameters, lstm, "_l" + std::to_string(layer), x, state);
    x = state.h;
  }
  return x;
}

/// tanh of a dense layer, read as c then h, layer by layer.
inline std::vector<NaiveState> naive_states(const Parameters& parameters, const std::string& head,
                                            const torch::Tensor& x, const StackSize& size) {
  const auto parts = parameters.dense(head + ".dense", x).tanh().split(size.hidden);
  std::vector<NaiveState> states;
  for (std::size_t i = 0; i < parts.size(); i += 2) states.push_back({parts[i + 1], parts[i]});
  return states;
}

/// Outputs of one direction of one layer, in the order of time.
inline std::vector<torch::Tensor> naive_direction(const Parameters& parameters,
                                                  const std::string& lstm, int layer, bool reverse,
                                                  std::vector<torch::Tensor> xs, int hidden) {
  const auto suffix = "_l" + std::to_string(layer) + (reverse ? "_reverse" : "");
  NaiveState state{xs[0].new_zeros({hidden}), xs[0].new_zeros({hidden})};
  if (reverse) std::reverse(xs.begin(), xs.end());
  for (auto& x : xs) {
    state = naive_cell(parameters, lstm, suffix, x, state);
    x = state.h;
  }
  if (reverse) std::reverse(xs.begin(), xs.end());
  return xs;
}

/// The top layer's last forward h and first backward h of a bidirectional stack.
inline torch::Tensor naive_ends(const Parameters& parameters, const std::string& lstm,
                                std::vector<torch::Tensor> xs, const StackSize& size) {
  torch::Tensor ends;
  for (int layer = 0; layer < size.layers; ++layer) {
    const auto forward = naive_direction(parameters, lstm, layer, false, xs, size.hidden);
    const auto backward = naive_direction(parameters, lstm, layer, true, xs, size.hidden);
    for (std::size_t t = 0; t < xs.size(); ++t) xs[t] = torch::cat({forward[t], backward[t]});
    ends = torch::cat({forward.back(), backward.front()});
  }
  return ends;
}

/// A row as a vector: one-hot for a token.
inline torch::Tensor naive_row(const ModelConfig& config, const torch::Tensor& row) {
  if (config.row_kind == RowKind::kBits) return row;
  return torch::one_hot(row, config.row_width).to(torch::kDouble);
}

/// Logits of every real row of one passage, in order: [rows, W].
inline torch::Tensor naive_decode(const ModelConfig& config, const Parameters& parameters,
                                  const torch::Tensor& z_Z, const Batch& batch, int song) {
  const bool flat = config.family == "flat";
  const auto none = torch::zeros({config.row_width}, torch::kDouble);
  std::vector<NaiveState> conductor, decoder;
  if (flat) decoder = naive_states(parameters, "decoder_state", z_Z, config.decoder);
  if (!flat) conductor = naive_states(parameters, "conductor_state", z_Z, config.conductor);
  auto before = none;
  std::vector<torch::Tensor> logits;
  for (int bar = 0; bar < batch.lengths_BU.size(1); ++bar) {
    const auto control = batch.controls_BUC[song][bar];
    auto source = z_Z;
    if (!flat) {
      const auto x = config.control_width > 0 ? control : torch::zeros({1}, torch::kDouble);
      source = naive_step(parameters, "conductor", x, conductor);
      decoder = naive_states(parameters, "decoder_state", source, config.decoder);
      if (!config.carry_row) before = none;
    }
    for (int row = 0; row < batch.lengths_BU[song][bar].item<int>(); ++row) {
      const auto x =
          flat ? torch::cat({before, control, source}) : torch::cat({before, source, control});
      const auto h = naive_step(parameters, "decoder", x, decoder);
      logits.push_back(parameters.dense("output", h));
      before = naive_row(config, batch.rows[song][bar][row]);
    }
  }
  return torch::stack(logits);
}

/// mu and sigma of one passage.
inline Posterior naive_encode(const ModelConfig& config, const Parameters& parameters,
                              const Batch& batch, int song) {
  std::vector<torch::Tensor> rows, bars;
  for (int bar = 0; bar < batch.lengths_BU.size(1); ++bar) {
    const auto control = batch.controls_BUC[song][bar];
    const auto length = batch.lengths_BU[song][bar].item<int>();
    for (int row = 0; row < length; ++row) {
      rows.push_back(torch::cat({naive_row(config, batch.rows[song][bar][row]), control}));
    }
    if (config.encoder_kind == EncoderKind::kFlat || length == 0) continue;
    bars.push_back(
        torch::cat({naive_ends(parameters, "encoder.rows", rows, config.encoder), control}));
    rows.clear();
  }
  const auto encoded = config.encoder_kind == EncoderKind::kFlat
                           ? naive_ends(parameters, "encoder.rows", rows, config.encoder)
                           : naive_ends(parameters, "encoder.bars", bars, config.encoder);
  return {parameters.dense("posterior.mu", encoded),
          (1 + parameters.dense("posterior.sigma", encoded).exp()).log()};
}

}  // namespace musicvae::models
