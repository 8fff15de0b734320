#include "models/lstm/fused.hpp"

#include <memory>
#include <optional>
#include <utility>

#include <torch/autograd.h>
#include <torch/utils.h>

#include "models/lstm/input.hpp"
#include "models/lstm/layer.hpp"
#include "models/runtime/mixed_precision.hpp"
#include "models/runtime/own_kernels.hpp"

namespace musicvae::models {
namespace {

using torch::Tensor;
using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

/// What a layer's node in the graph keeps besides its tensors.
struct SavedLayer : torch::CustomClassHolder {
  LayerInput input;  ///< Its tensors are left out.
  std::optional<LayerHistory> history;
  int directions = 1;
  bool wants_dense = false;
};

constexpr int kTensorsBeforeWeights = 4;
constexpr int kTensorsPerDirection = 3;

/// A layer's tensors in the order in which its node takes them and returns their gradients.
variable_list to_list(const LayerInput& input) {
  variable_list list{input.dense_PF, input.constant_NC, input.initial.h_LNH, input.initial.c_LNH};
  for (const auto& w : input.weights) {
    list.insert(list.end(), {w.input_IG, w.recurrent_HG, w.bias_G});
  }
  return list;
}

LayerInput from_list(const LayerInput& rest, const variable_list& list, int directions) {
  LayerInput input{rest.layout, rest.tokens_P, list[0],     list[1], {list[2], list[3]},
                   {},          rest.outputs,  rest.factors};
  for (int d = 0; d < directions; ++d) {
    const auto* first = &list[kTensorsBeforeWeights + d * kTensorsPerDirection];
    input.weights.push_back({first[0], first[1], first[2]});
  }
  return input;
}

Tensor rows_without_gaps(const Tensor& matrix) {
  return matrix.stride(-1) == 1 ? matrix : matrix.contiguous();
}

/// One layer as a node of the graph. `tensors` are to_list(input), named so that autograd sees
/// them.
struct FusedLayer : torch::autograd::Function<FusedLayer> {
  static variable_list forward(AutogradContext* context, const LayerInput& input,
                               bool differentiable, at::TensorList /*tensors*/) {
    if (!differentiable) {
      return results(layer_forward(input, nullptr));
    }
    auto saved = c10::make_intrusive<SavedLayer>();
    saved->input.layout = input.layout;
    saved->input.tokens_P = input.tokens_P;
    saved->input.outputs = input.outputs;
    saved->input.factors = input.factors;
    saved->history.emplace();
    saved->directions = input.directions();
    saved->wants_dense = input.dense_PF.defined() && input.dense_PF.requires_grad();
    const auto output = layer_forward(input, &*saved->history);
    context->save_for_backward(to_list(input));
    context->saved_data["layer"] = c10::IValue::make_capsule(std::move(saved));
    return results(output);
  }

  /// Autograd gives no undefined tensors.
  static variable_list results(const LayerOutput& output) {
    const auto& output_PD = output.output_PD;
    return {output_PD.defined() ? output_PD : torch::empty({0}), output.final.h_LNH,
            output.final.c_LNH};
  }

  static variable_list backward(AutogradContext* context, const variable_list& doutput) {
    TORCH_CHECK(!torch::GradMode::is_enabled(), "the fused LSTM is differentiable only once");
    const auto holder = context->saved_data["layer"].toCapsule();
    auto& saved = static_cast<SavedLayer&>(*holder);
    TORCH_CHECK(saved.history, "the fused LSTM's history was used by an earlier backward pass");
    const auto history = std::move(*saved.history);
    saved.history.reset();
    const auto input = from_list(saved.input, context->get_saved_variables(), saved.directions);
    const auto doutput_PD =
        input.outputs == OutputRows::kNone ? Tensor() : rows_without_gaps(doutput[0]);
    const auto gradients = layer_backward(
        input, history, {doutput_PD, {doutput[1].contiguous(), doutput[2].contiguous()}},
        saved.wants_dense);
    return to_gradient_list(gradients);
  }

  static variable_list to_gradient_list(const LayerGradients& gradients) {
    LayerInput as_input;
    as_input.dense_PF = gradients.dense_PF;
    as_input.constant_NC = gradients.constant_NC;
    as_input.initial = gradients.initial;
    as_input.weights = gradients.weights;
    auto list = to_list(as_input);
    list.insert(list.begin(), 2, Tensor());  // the arguments before the tensors
    return list;
  }
};

/// The rows that the last layer is to give.
OutputRows top_outputs(LstmSteps wanted) {
  switch (wanted) {
    case LstmSteps::kNone:
      return OutputRows::kNone;
    case LstmSteps::kReal:
      return OutputRows::kBySequence;
    case LstmSteps::kAll:
      break;
  }
  return OutputRows::kPacked;
}

LayerOutput apply_layer(const LayerInput& input) {
  auto tensors = to_list(input);
  bool differentiable = false;
  for (auto& tensor : tensors) {
    if (!tensor.defined()) tensor = torch::empty({0});  // autograd takes no undefined ones
    differentiable |= tensor.requires_grad();
  }
  differentiable &= torch::GradMode::is_enabled();
  const auto output = FusedLayer::apply(input, differentiable, at::TensorList(tensors));
  return {output[0], {output[1], output[2]}};
}

}  // namespace

bool fused_lstm_applies(const LstmOptions& options, const std::vector<LstmWeights>& weights,
                        const LstmInput& input, const LstmState& initial) {
  for (const auto& tensor :
       {weights[0].bias_G, input.dense_NTF, input.constant_NC, initial.h_LNH, initial.c_LNH}) {
    if (tensor.defined() && !has_own_kernels(tensor)) return false;
  }
  const auto extent = check_lstm_input(options, input);
  if (extent.sequences == 0 || extent.steps == 0) return false;
  return !input.lengths_N.defined() || input.lengths_N.max().item<std::int64_t>() > 0;
}

LstmOutput fused_lstm(const LstmOptions& options, const std::vector<LstmWeights>& weights,
                      const LstmInput& input, const LstmState& initial) {
  const auto extent = check_lstm_input(options, input);
  const auto state = complete_lstm_state(options, initial, extent.sequences, weights[0].bias_G);
  const auto layout =
      std::make_shared<const PackedRows>(input.lengths_N, extent.sequences, extent.steps);
  LayerInput layer;
  layer.layout = layout;
  layer.factors = product_factors(weights[0].bias_G);
  if (input.tokens_NT.defined()) {
    layer.tokens_P = std::make_shared<const std::vector<std::int64_t>>(
        pack_tokens(*layout, input.tokens_NT, options.token_classes));
  }
  if (input.dense_NTF.defined()) layer.dense_PF = pack_rows(layout, input.dense_NTF);
  if (input.constant_NC.defined()) layer.constant_NC = input.constant_NC.contiguous();
  const int directions = lstm_directions(options);
  // Split at once: gradients of separate views would be zeros first and then a sum.
  const auto initial_h = state.h_LNH.split(directions), initial_c = state.c_LNH.split(directions);
  std::vector<Tensor> h_DNH;
  std::vector<Tensor> c_DNH;
  for (int l = 0; l < options.layers; ++l) {
    const auto first = weights.begin() + l * directions;
    layer.weights.assign(first, first + directions);
    layer.initial = {initial_h[l].contiguous(), initial_c[l].contiguous()};
    if (l + 1 == options.layers) layer.outputs = top_outputs(input.outputs);
    const auto output = apply_layer(layer);
    h_DNH.push_back(output.final.h_LNH);
    c_DNH.push_back(output.final.c_LNH);
    LayerInput next;
    next.layout = layout;
    next.factors = layer.factors;
    next.dense_PF = output.output_PD;
    layer = std::move(next);
  }
  LstmOutput output{{}, {torch::cat(h_DNH), torch::cat(c_DNH)}};
  if (input.outputs == LstmSteps::kAll) output.output_NTD = unpack_rows(layout, layer.dense_PF);
  if (input.outputs == LstmSteps::kReal) output.output_PD = layer.dense_PF;
  return output;
}

}  // namespace musicvae::models
