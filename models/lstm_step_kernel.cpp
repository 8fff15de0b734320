#include "models/lstm_step_kernel.hpp"

#include "models/lstm_gates.hpp"
#include "models/lstm_input.hpp"
#include "models/lstm_layer_parts.hpp"

namespace musicvae::models {
namespace {

using torch::Tensor;

/// Sequences generated together; only the weights' layout depends on it.
constexpr std::int64_t kTypicalSequences = 16;

/// Multiply-adds of one step below which waking another thread costs more than it saves.
constexpr std::int64_t kLeastWork = 1 << 20;

PackedMatrix pack(const Tensor& weight_FG) {
  return {view(weight_FG), weight_FG.size(0), weight_FG.size(1), kTypicalSequences};
}

const std::int64_t* checked_tokens(const Tensor& tokens_N, std::int64_t classes) {
  const auto* tokens = tokens_N.data_ptr<std::int64_t>();
  for (std::int64_t n = 0; n < tokens_N.numel(); ++n) {
    TORCH_CHECK(-1 <= tokens[n] && tokens[n] < classes, "token ", tokens[n], " is not -1 to ",
                classes - 1);
  }
  return tokens;
}

}  // namespace

bool LstmStepKernel::applies(const std::vector<LstmWeights>& weights) {
  const auto& bias_G = weights[0].bias_G;
  return bias_G.device().is_cpu() && bias_G.scalar_type() == torch::kFloat32;
}

LstmStepKernel::LstmStepKernel(const LstmOptions& options, const std::vector<LstmWeights>& weights)
    : options_(options), weights_(weights), zeros_G_(torch::zeros({1, 4 * options.hidden})) {
  const torch::NoGradGuard no_grad;
  for (int layer = 0; layer < options.layers; ++layer) {
    auto input_IG = weights[layer].input_IG.detach();
    if (layer == 0) input_IG = input_IG.narrow(0, options.token_classes, options.dense_features);
    layers_.push_back({pack(weights[layer].recurrent_HG), std::nullopt});
    if (input_IG.size(0) > 0) layers_.back().input = pack(input_IG);
  }
}

void LstmStepKernel::start(std::int64_t sequences, const Tensor& constant_NC) {
  base_NG_ = weights_[0].bias_G.detach().unsqueeze(0);
  if (options_.constant_features > 0) {
    const auto& input_IG = weights_[0].input_IG;
    base_NG_ = torch::addmm(base_NG_, constant_NC,
                            input_IG.narrow(0, input_IG.size(0) - options_.constant_features,
                                            options_.constant_features));
  }
  recurrent_NG_ = torch::empty({sequences, 4 * options_.hidden});
  input_NG_ = torch::empty({sequences, 4 * options_.hidden});
}

void LstmStepKernel::step(const Tensor& tokens_N, const Tensor& dense_NF, const LstmState& state) {
  const auto tokens = tokens_N.defined() ? tokens_N.contiguous() : Tensor{};
  const auto dense = dense_NF.defined() ? dense_NF.contiguous() : Tensor{};
  const auto* token_data =
      tokens.defined() ? checked_tokens(tokens, options_.token_classes) : nullptr;
  const auto* dense_data = dense.defined() ? dense.data_ptr<float>() : nullptr;
  const auto work = 8 * options_.hidden * options_.hidden;  // of one sequence in one layer
  for_ranges(recurrent_NG_.size(0), ceil_div(kLeastWork, work),
             [&](std::int64_t begin, std::int64_t end) {
               run({begin, end, token_data, dense_data, state});
             });
}

void LstmStepKernel::run(const Share& share) const {
  const float* input_NF = share.dense_NF;
  for (int layer = 0; layer < options_.layers; ++layer) {
    run_layer(layer, input_NF, share);
    input_NF = share.state.h_LNH[layer].data_ptr<float>();
  }
}

void LstmStepKernel::run_layer(int layer, const float* input_NF, const Share& share) const {
  const auto hidden = options_.hidden;
  const auto rows = share.end - share.begin;
  const auto& [recurrent, input] = layers_[layer];
  const auto h_NH = share.state.h_LNH[layer];
  const auto c_NH = share.state.c_LNH[layer];
  recurrent.multiply(row_of(h_NH, share.begin), rows, row_of(recurrent_NG_, share.begin));
  if (input) {
    const auto features = layer == 0 ? options_.dense_features : hidden;
    input->multiply(input_NF + share.begin * features, rows, row_of(input_NG_, share.begin));
  }
  for (std::int64_t n = share.begin; n < share.end; ++n) {
    GatesForward row{};
    row.recurrent = row.gates = row_of(recurrent_NG_, n);
    row.input = row_of(input ? input_NG_ : zeros_G_, input ? n : 0);
    const auto token = layer == 0 && share.tokens_N ? share.tokens_N[n] : -1;
    row.token = token >= 0 ? row_of(weights_[0].input_IG, token) : row_of(zeros_G_, 0);
    row.base = layer > 0 ? weights_[layer].bias_G.data_ptr<float>()
                         : row_of(base_NG_, base_NG_.size(0) > 1 ? n : 0);
    row.c = row.c_history = row_of(c_NH, n);
    row.h = row.output = row_of(h_NH, n);
    gates_forward(row, hidden);
  }
}

}  // namespace musicvae::models
