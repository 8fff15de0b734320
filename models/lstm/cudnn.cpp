#include "models/lstm/cudnn.hpp"

#include <utility>

#include <torch/autograd.h>
#include <torch/cuda.h>
#include <torch/utils.h>

#include "models/lstm/input.hpp"
#include "models/lstm/packed_rows.hpp"
#include "models/lstm/reference.hpp"
#include "models/runtime/mixed_precision.hpp"
#include "models/runtime/transfer.hpp"

namespace musicvae::models {
namespace {

using torch::Tensor;

constexpr std::int64_t kTensorsPerLayer = 4;
constexpr std::int64_t kCudnnLstm = 2;  // CUDNN_LSTM of cudnnRNNMode_t.
constexpr std::int64_t kAlignment = 8;  // Tensor cores want products as wide as a multiple of this.

/// How many columns of zeros the first layer's input ends with.
std::int64_t input_padding(const LstmOptions& options) {
  return (kAlignment - lstm_inputs(options) % kAlignment) % kAlignment;
}

Tensor index_on(const torch::Device& device, const std::vector<std::int64_t>& index) {
  return send(torch::tensor(index, torch::kInt64), device);
}

/// How sequences lie for the operators: steps before sequences. Ragged sequences are without their
/// padding, as PackedRows has them; P is T N where all are of one length.
class Arrangement {
 public:
  Arrangement(const Tensor& lengths_N, const LstmExtent& extent, const torch::Device& device)
      : layout_(lengths_N, extent.sequences, extent.steps) {
    if (!ragged()) return;
    std::vector<std::int64_t> sequence_P;
    std::vector<std::int64_t> place_P;
    std::vector<std::int64_t> order_P(layout_.rows());
    for (std::int64_t step = 0; step < layout_.steps(); ++step) {
      active_.push_back(layout_.active(step));
      for (std::int64_t rank = 0; rank < active_.back(); ++rank) {
        const auto sequence = layout_.sequence(rank);
        sequence_P.push_back(sequence);
        place_P.push_back(sequence * extent.steps + step);
        order_P[layout_.start(sequence) + step] = layout_.row(step, rank);
      }
    }
    place_P_ = index_on(device, place_P);
    order_P_ = index_on(device, order_P);
    sequence_P_ = index_on(device, sequence_P);
    // The first step has every sequence that has a step.
    order_A_ = sequence_P_.narrow(0, 0, active_.front());
  }

  bool empty() const { return layout_.rows() == 0; }
  /// Sequences that have each step; empty where all have all.
  const std::vector<std::int64_t>& active() const { return active_; }

  /// [N, T, ...] to [T, N, ...] or [P, ...].
  Tensor arranged(const Tensor& padded) const {
    if (!padded.defined()) return padded;
    if (!ragged()) return padded.transpose(0, 1);
    return padded.flatten(0, 1).index_select(0, place_P_);
  }

  /// [N, C] to [T, N, C] or [P, C].
  Tensor repeated(const Tensor& constant_NC) const {
    if (!constant_NC.defined()) return constant_NC;
    if (ragged()) return constant_NC.index_select(0, sequence_P_);
    return constant_NC.unsqueeze(0).expand({layout_.padded_steps(), -1, -1});
  }

  /// The inverse of arranged(), with zeros for padding.
  Tensor padded(const Tensor& arranged) const {
    if (!ragged()) return arranged.transpose(0, 1);
    const auto rows = layout_.sequences() * layout_.padded_steps();
    return arranged.new_zeros({rows, arranged.size(1)})
        .index_copy(0, place_P_, arranged)
        .view({layout_.sequences(), layout_.padded_steps(), -1});
  }

  /// arranged() to the rows of real steps, sequence after sequence: [P, ...].
  Tensor by_sequence(const Tensor& arranged) const {
    if (!ragged()) return arranged.transpose(0, 1).flatten(0, 1);
    return arranged.index_select(0, order_P_);
  }

  /// States [L, N, H] of the sequences that have a step, in the order of the first.
  Tensor entering(const Tensor& state_LNH) const {
    return ragged() ? state_LNH.index_select(1, order_A_) : state_LNH;
  }

  /// The inverse; the other sequences keep their initial state.
  Tensor leaving(const Tensor& state_LAH, const Tensor& initial_LNH) const {
    return ragged() ? initial_LNH.index_copy(1, order_A_, state_LAH) : state_LAH;
  }

 private:
  bool ragged() const {
    return !empty() && layout_.rows() < layout_.sequences() * layout_.padded_steps();
  }

  PackedRows layout_;
  std::vector<std::int64_t> active_;
  Tensor place_P_;
  Tensor order_P_;
  Tensor sequence_P_;
  Tensor order_A_;
};

/// What an operator returns. The output is [T, N, D] or [P, D].
struct Result {
  Tensor output;
  LstmState final;
};

/// cuDNN's operator warns unless it is given its weights a second time, in one piece.
Tensor in_one_piece(const LstmOptions& options, const std::vector<Tensor>& weights) {
  const torch::NoGradGuard no_grad;
  std::vector<Tensor> copies;  // which then become parts of the piece
  for (const auto& weight : weights) copies.push_back(weight.clone());
  return at::_cudnn_rnn_flatten_weight(copies, kTensorsPerLayer, weights[0].size(1), kCudnnLstm,
                                       options.hidden, 0, options.layers, /*batch_first=*/false,
                                       options.bidirectional);
}

Result run(const LstmOptions& options, const std::vector<Tensor>& weights, const Tensor& x,
           const std::vector<std::int64_t>& active, const LstmState& state) {
  const bool train = torch::GradMode::is_enabled();
  if (x.is_cuda() && torch::cuda::cudnn_is_available()) {
    const auto [output, h, c, reserve, piece] =
        at::_cudnn_rnn(x, weights, kTensorsPerLayer, in_one_piece(options, weights), state.h_LNH,
                       state.c_LNH, kCudnnLstm, options.hidden, 0, options.layers,
                       /*batch_first=*/false, 0.0, train, options.bidirectional, active, {});
    return {output, {h, c}};
  }
  const std::vector<Tensor> initial{state.h_LNH, state.c_LNH};
  const auto [output, h, c] =
      active.empty() ? at::lstm(x, initial, weights, true, options.layers, 0.0, train,
                                options.bidirectional, /*batch_first=*/false)
                     : at::lstm(x, torch::tensor(active, torch::kInt64), initial, weights, true,
                                options.layers, 0.0, train, options.bidirectional);
  return {output, {h, c}};
}

/// Whether a ragged stack runs forward and backward in bfloat16: older releases of cuDNN, or of
/// LibTorch, do not know how.
bool takes_bfloat16(const torch::Device& device) {
  const torch::AutoGradMode grad(true);
  const LstmOptions options{.dense_features = 8, .hidden = 8, .layers = 2, .bidirectional = true};
  const auto parameter = [&](at::IntArrayRef shape) {
    return torch::zeros(shape, torch::TensorOptions(device).requires_grad(true));
  };
  std::vector<LstmWeights> weights;
  for (const std::int64_t inputs : {8, 8, 16, 16}) {
    weights.push_back({parameter({inputs, 32}), parameter({8, 32}), parameter({32})});
  }
  LstmInput input;
  input.dense_NTF = torch::zeros({2, 2, 8}, torch::TensorOptions(device));
  input.lengths_N = torch::tensor({2, 1}, torch::kInt64);
  try {
    cudnn_lstm(options, weights, input, {}, torch::kBFloat16).output_NTD.sum().backward();
    return true;
  } catch (const c10::Error&) {
    return false;
  }
}

}  // namespace

std::vector<Tensor> operator_weights(const LstmOptions& options,
                                     const std::vector<LstmWeights>& weights, torch::Dtype type) {
  const auto contiguous = [type](const Tensor& weight) {
    return weight.to(type, /*non_blocking=*/false, /*copy=*/false, at::MemoryFormat::Contiguous);
  };
  std::vector<Tensor> list;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    const bool first = static_cast<int>(i) < lstm_directions(options);
    const auto padding = first ? input_padding(options) : 0;
    const auto input_GI = torch::constant_pad_nd(weights[i].input_IG.t(), {0, padding});
    list.insert(list.end(),
                {contiguous(input_GI), contiguous(weights[i].recurrent_HG.t()),
                 contiguous(weights[i].bias_G), torch::zeros_like(weights[i].bias_G, type)});
  }
  return list;
}

Tensor operator_input(const LstmOptions& options, const Tensor& tokens, const Tensor& dense,
                      const Tensor& constant, torch::Dtype type) {
  std::vector<Tensor> pieces;
  if (tokens.defined()) {
    const auto classes_V = torch::arange(options.token_classes, tokens.options());
    pieces.push_back((tokens.unsqueeze(-1) == classes_V).to(type));
  }
  if (dense.defined()) pieces.push_back(dense.to(type));
  if (constant.defined()) pieces.push_back(constant.to(type));
  auto sizes = pieces[0].sizes().vec();
  sizes.back() = input_padding(options);
  pieces.push_back(pieces[0].new_zeros(sizes));
  return torch::cat(pieces, -1);
}

LstmOutput cudnn_lstm(const LstmOptions& options, const std::vector<LstmWeights>& weights,
                      const LstmInput& input, const LstmState& initial, torch::Dtype type) {
  const auto extent = check_lstm_input(options, input);
  const auto& like = weights[0].bias_G;
  const Arrangement arrangement(input.lengths_N, extent, like.device());
  if (arrangement.empty()) return reference_lstm(options, weights, input, initial);
  const auto state = complete_lstm_state(options, initial, extent.sequences, like);
  const auto x = operator_input(options, arrangement.arranged(input.tokens_NT),
                                arrangement.arranged(input.dense_NTF),
                                arrangement.repeated(input.constant_NC), type);
  const auto entering = [&](const Tensor& state_LNH) {
    return arrangement.entering(state_LNH).to(type).contiguous();
  };
  const auto result = run(options, operator_weights(options, weights, type), x,
                          arrangement.active(), {entering(state.h_LNH), entering(state.c_LNH)});
  const auto leaving = [&](const Tensor& final_LAH, const Tensor& initial_LNH) {
    return arrangement.leaving(final_LAH.to(like.scalar_type()), initial_LNH);
  };
  LstmOutput output{
      {}, {leaving(result.final.h_LNH, state.h_LNH), leaving(result.final.c_LNH, state.c_LNH)}};
  if (input.outputs == LstmSteps::kAll) {
    output.output_NTD = arrangement.padded(result.output).to(like.scalar_type());
  }
  if (input.outputs == LstmSteps::kReal) {
    output.output_PD = arrangement.by_sequence(result.output).to(like.scalar_type());
  }
  return output;
}

LstmOutput cudnn_lstm(const LstmOptions& options, const std::vector<LstmWeights>& weights,
                      const LstmInput& input, const LstmState& initial) {
  const auto& like = weights[0].bias_G;
  auto type = compute_type(like);
  if (type == torch::kBFloat16) {
    static const bool knows_how = takes_bfloat16(like.device());
    if (!knows_how) type = like.scalar_type();
  }
  return cudnn_lstm(options, weights, input, initial, type);
}

}  // namespace musicvae::models
