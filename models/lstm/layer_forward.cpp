#include "models/kernels/lstm_gates.hpp"
#include "models/lstm/layer_parts.hpp"

namespace musicvae::models {
namespace {

using torch::Tensor;

/// For each direction the part of the gates that is the same at all steps, which is the bias and
/// the constant's product, [N or 1, 4H].
std::vector<Tensor> base_gates(const LayerInput& input) {
  std::vector<Tensor> bases;
  for (int d = 0; d < input.directions(); ++d) {
    const auto& bias_G = input.weights[d].bias_G;
    if (!input.constant_NC.defined()) {
      bases.push_back(bias_G.unsqueeze(0));
      continue;
    }
    auto base_NG = bias_G.repeat({input.constant_NC.size(0), 1});
    const auto weight_CG = constant_weights(input, d);
    multiply({base_NG.size(0), base_NG.size(1), weight_CG.size(0)}, view(input.constant_NC),
             view(weight_CG), true, base_NG.data_ptr<float>(), base_NG.stride(0), input.factors);
    bases.push_back(base_NG);
  }
  return bases;
}

/// Multiplies the dense input of all steps at once.
void multiply_dense(const LayerInput& input, int direction, const Tensor& gates_PG) {
  const auto weight_FG = dense_weights(input, direction);
  multiply({gates_PG.size(0), gates_PG.size(1), weight_FG.size(0)}, view(input.dense_PF),
           view(weight_FG), false, gates_PG.data_ptr<float>(), gates_PG.stride(0), input.factors);
}

/// One direction's forward pass, for all of its chunks.
struct ForwardPass {
  const LayerInput& input;
  int direction;
  const PackedMatrix& weights;  ///< Those of h, and below them those of `joined_PF`.
  Tensor base_NG;
  Tensor joined_PF;  ///< The dense input, if it is multiplied together with h; else undefined.
  Tensor sums_PG;    ///< The dense input's products, if they come first; else undefined.
  LayerHistory* history;
  Tensor output_PH;   ///< May be undefined.
  LstmState initial;  ///< [N, H].
  LstmState final;    ///< [N, H].

  /// `Gate` is the type of the history's gates.
  template <class Gate>
  void run(const SequenceChunk& chunk, const Running& running) const;

 private:
  template <class Gate>
  GatesForward<Gate> gates_row(const SequenceChunk& chunk, std::int64_t t, std::int64_t i,
                               const Running& running) const;
};

template <class Gate>
GatesForward<Gate> ForwardPass::gates_row(const SequenceChunk& chunk, std::int64_t t,
                                          std::int64_t i, const Running& running) const {
  const auto row = chunk.row(t, i);
  GatesForward<Gate> result{};
  result.recurrent = row_of(running.gates_NG, i);
  result.input = sums_PG.defined() ? row_of(sums_PG, row) : nullptr;
  const auto token = input.tokens_P ? (*input.tokens_P)[row] : -1;
  result.token = token >= 0 ? row_of(input.weights[direction].input_IG, token) : nullptr;
  result.base = row_of(base_NG, base_NG.size(0) > 1 ? chunk.sequence(i) : 0);
  result.gates =
      history ? row_of<Gate>(history->gates_PG[direction], row) : row_of<Gate>(running.gates_NG, i);
  result.c = row_of(running.c_NH, i);
  result.c_history = history ? row_of(history->c_PH[direction], row) : result.c;
  result.h = row_of(running.h_NH, i);
  result.output =
      output_PH.defined() ? row_of(output_PH, output_row(input, chunk, t, i)) : result.h;
  return result;
}

template <class Gate>
void ForwardPass::run(const SequenceChunk& chunk, const Running& running) const {
  const auto hidden = input.hidden();
  const auto enter = [&](std::int64_t i) {
    copy_floats(row_of(running.h_NH, i), row_of(initial.h_LNH, chunk.sequence(i)), hidden);
    copy_floats(row_of(running.c_NH, i), row_of(initial.c_LNH, chunk.sequence(i)), hidden);
  };
  const auto step = [&](std::int64_t t, std::int64_t active) {
    for (std::int64_t i = 0; joined_PF.defined() && i < active; ++i) {
      copy_floats(row_of(running.h_NH, i) + hidden, row_of(joined_PF, chunk.row(t, i)),
                  joined_PF.size(1));
    }
    weights.multiply(running.h_NH.data_ptr<float>(), product_rows(active, running.h_NH.size(0)),
                     running.gates_NG.data_ptr<float>());
    auto next = gates_row<Gate>(chunk, t, 0, running);
    for (std::int64_t i = 0; i < active; ++i) {
      auto now = next;
      if (i + 1 < active) {
        next = gates_row<Gate>(chunk, t, i + 1, running);
        now.next = &next;
      }
      gates_forward(now, hidden);
    }
  };
  const auto leave = [&](std::int64_t i) {
    copy_floats(row_of(final.h_LNH, chunk.sequence(i)), row_of(running.h_NH, i), hidden);
    copy_floats(row_of(final.c_LNH, chunk.sequence(i)), row_of(running.c_NH, i), hidden);
  };
  walk(chunk, direction == 1, enter, step, leave);
}

LayerHistory make_history(const LayerInput& input, Factors kept) {
  LayerHistory history{kept, {}, {}};
  const auto rows = input.layout->rows();
  const auto gates_per_float = kept == Factors::kBFloat16 ? sizeof(float) / sizeof(Q15) : 1;
  for (int d = 0; d < input.directions(); ++d) {
    history.gates_PG.push_back(staggered_matrix(rows, 4 * input.hidden() / gates_per_float));
    history.c_PH.push_back(staggered_matrix(rows, input.hidden()));
  }
  return history;
}

/// The dense input's products for all steps. If gates are kept, they are computed in the gates'
/// place.
Tensor dense_sums(const LayerInput& input, int direction, const LayerHistory* history) {
  if (!input.dense_PF.defined()) return {};
  auto sums_PG = history ? history->gates_PG[direction]
                         : staggered_matrix(input.layout->rows(), 4 * input.hidden());
  multiply_dense(input, direction, sums_PG);
  return sums_PG;
}

/// The weights of h, and below them the dense input's where the two are multiplied together.
PackedMatrix pack_weights(const LayerInput& input, int direction, bool joined, Factors factors,
                          std::int64_t rows) {
  auto weights_IG = input.weights[direction].recurrent_HG;
  if (joined) weights_IG = torch::cat({weights_IG, dense_weights(input, direction)});
  return {view(weights_IG), weights_IG.size(0), weights_IG.size(1), rows, factors, tensor_memory};
}

/// Rows in the order of sequences have no gaps, because other layers than LSTMs take them.
Tensor make_output(const LayerInput& input) {
  const auto rows = input.layout->rows(), features = input.hidden() * input.directions();
  switch (input.outputs) {
    case OutputRows::kNone:
      return {};
    case OutputRows::kPacked:
      return staggered_matrix(rows, features);
    case OutputRows::kBySequence:
      return torch::empty({rows, features});
  }
  return {};
}

}  // namespace

LayerOutput layer_forward(const LayerInput& input, LayerHistory* history) {
  const LayerTasks tasks(input);
  const auto hidden = input.hidden();
  const auto chunk_size = tasks.chunk_size(*input.layout);
  const auto factors = worthwhile(input.factors, {chunk_size, 4 * hidden, hidden});
  // Products in bfloat16 are so fast that writing and reading all steps' sums would take longer.
  // Those of few sequences wait for the weights, which are better read once for all steps.
  const bool joined = factors == Factors::kBFloat16 && input.dense_PF.defined();
  const auto packed = per_direction(
      input, [&](int d) { return pack_weights(input, d, joined, factors, chunk_size); });
  TORCH_INTERNAL_ASSERT(packed[0].factors() == factors);
  const auto bases = base_gates(input);
  if (history) *history = make_history(input, factors);
  LayerOutput output{{}, {input.initial.h_LNH.clone(), input.initial.c_LNH.clone()}};
  output.output_PD = make_output(input);
  std::vector<ForwardPass> passes;
  for (int d = 0; d < input.directions(); ++d) {
    passes.push_back({input,
                      d,
                      packed[d],
                      bases[d],
                      joined ? input.dense_PF : Tensor{},
                      joined ? Tensor{} : dense_sums(input, d, history),
                      history,
                      half_of(output.output_PD, d, hidden),
                      {input.initial.h_LNH[d], input.initial.c_LNH[d]},
                      {output.final.h_LNH[d], output.final.c_LNH[d]}});
  }
  for_chunks(input, tasks, [&](int direction, int, const SequenceChunk& chunk) {
    const Running running(chunk_size, hidden, joined ? input.dense_features() : 0);
    if (history && history->kept == Factors::kBFloat16) {
      passes[direction].run<KeptGate<BFloat16>>(chunk, running);
    } else {
      passes[direction].run<float>(chunk, running);
    }
  });
  return output;
}

}  // namespace musicvae::models
