#include "models/lstm/reference.hpp"

#include "models/lstm/input.hpp"

namespace musicvae::models {
namespace {

using torch::Tensor;

/// Rows of `weight_VG`, zeros for token -1.
Tensor gather_rows(const Tensor& weight_VG, const Tensor& tokens_NT) {
  const auto rows_NTG = torch::embedding(weight_VG, tokens_NT.clamp_min(0));
  return rows_NTG * (tokens_NT >= 0).unsqueeze(-1).to(rows_NTG.dtype());
}

/// The part of the first layer's gates that does not depend on its state, [N, T or 1, 4H].
Tensor first_layer_gates(const LstmOptions& options, const LstmWeights& weights,
                         const LstmInput& input) {
  const auto pieces = weights.input_IG.split_with_sizes(
      {options.token_classes, options.dense_features, options.constant_features});
  auto gates = weights.bias_G.view({1, 1, -1});
  if (options.constant_features > 0) {
    gates = gates + torch::matmul(input.constant_NC, pieces[2]).unsqueeze(1);
  }
  if (options.token_classes > 0) gates = gates + gather_rows(pieces[0], input.tokens_NT);
  if (options.dense_features > 0) gates = gates + torch::matmul(input.dense_NTF, pieces[1]);
  return gates;
}

/// One sequence of steps through one layer and direction.
struct Run {
  std::vector<Tensor> outputs_NH;  ///< By step.
  Tensor h_NH;
  Tensor c_NH;
};

/// Takes one step of the rows where `real_N1`. The others keep their state.
void advance(Run& run, std::int64_t step, const Tensor& gates_NG, const Tensor& real_N1) {
  const auto gate = gates_NG.chunk(4, 1);
  const auto c_NH = torch::sigmoid(gate[1]) * run.c_NH + torch::sigmoid(gate[0]) * gate[2].tanh();
  const auto h_NH = torch::sigmoid(gate[3]) * c_NH.tanh();
  run.outputs_NH[step] = torch::where(real_N1, h_NH, torch::zeros_like(h_NH));
  run.c_NH = torch::where(real_N1, c_NH, run.c_NH);
  run.h_NH = torch::where(real_N1, h_NH, run.h_NH);
}

Run run_direction(const Tensor& gates_NTG, const Tensor& recurrent_HG, Run run,
                  const Tensor& real_NT, bool reverse) {
  const auto steps = real_NT.size(1);
  run.outputs_NH.resize(steps);
  for (std::int64_t i = 0; i < steps; ++i) {
    const auto step = reverse ? steps - 1 - i : i;
    const auto gates_NG = torch::matmul(run.h_NH, recurrent_HG) + gates_NTG.select(1, step);
    advance(run, step, gates_NG, real_NT.select(1, step).unsqueeze(1));
  }
  return run;
}

Tensor real_steps(const LstmInput& input, const LstmExtent& extent, const Tensor& like) {
  const auto integers = like.options().dtype(torch::kInt64).requires_grad(false);
  const auto lengths_N = input.lengths_N.defined()
                             ? input.lengths_N.to(integers)
                             : torch::full({extent.sequences}, extent.steps, integers);
  return torch::arange(extent.steps, integers).unsqueeze(0) < lengths_N.unsqueeze(1);
}

}  // namespace

LstmOutput reference_lstm(const LstmOptions& options, const std::vector<LstmWeights>& weights,
                          const LstmInput& input, const LstmState& initial) {
  const auto extent = check_lstm_input(options, input);
  const auto state = complete_lstm_state(options, initial, extent.sequences, weights[0].bias_G);
  const auto real_NT = real_steps(input, extent, weights[0].bias_G);
  const int directions = lstm_directions(options);
  Tensor output_NTD;
  std::vector<Tensor> h_NH;
  std::vector<Tensor> c_NH;
  for (int layer = 0; layer < options.layers; ++layer) {
    std::vector<Tensor> outputs_NTH;
    for (int direction = 0; direction < directions; ++direction) {
      const int index = layer * directions + direction;
      const auto& w = weights[index];
      const auto gates = layer == 0 ? first_layer_gates(options, w, input)
                                    : torch::matmul(output_NTD, w.input_IG) + w.bias_G;
      const auto gates_NTG = gates.expand({extent.sequences, extent.steps, gates.size(2)});
      auto run =
          run_direction(gates_NTG, w.recurrent_HG, {{}, state.h_LNH[index], state.c_LNH[index]},
                        real_NT, direction == 1);
      outputs_NTH.push_back(extent.steps > 0
                                ? torch::stack(run.outputs_NH, 1)
                                : run.h_NH.new_zeros({extent.sequences, 0, options.hidden}));
      h_NH.push_back(run.h_NH);
      c_NH.push_back(run.c_NH);
    }
    output_NTD = torch::cat(outputs_NTH, 2);
  }
  LstmOutput output{{}, {torch::stack(h_NH), torch::stack(c_NH)}};
  if (input.outputs == LstmSteps::kAll) output.output_NTD = output_NTD;
  if (input.outputs == LstmSteps::kReal) output.output_PD = output_NTD.index({real_NT});
  return output;
}

}  // namespace musicvae::models
