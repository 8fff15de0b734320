#include "models/lstm_step_kernel.hpp"

#include <torch/utils.h>

#include "models/lstm_gates.hpp"
#include "models/lstm_input.hpp"
#include "models/lstm_layer_parts.hpp"

namespace musicvae::models {
namespace {

using torch::Tensor;

/// Sequences generated together; only the weights' layout depends on it.
constexpr std::int64_t kTypicalSequences = 16;

/// More than these are worth full products.
constexpr std::int64_t kFewSequences = 4;

/// Multiply-adds of one step below which waking another thread costs more than it saves: in
/// products, and where reading the weights is what takes time.
constexpr std::int64_t kLeastWork = 1 << 20;
constexpr std::int64_t kLeastReading = 1 << 18;

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
    : options_(options), weights_(weights), zeros_G_(torch::zeros({1, 4 * options.hidden})) {}

/// The input weights that products need, [F, 4H].
Tensor LstmStepKernel::product_weights(int layer) const {
  const auto input_IG = weights_[layer].input_IG.detach();
  return layer == 0 ? input_IG.narrow(0, options_.token_classes, options_.dense_features)
                    : input_IG;
}

bool LstmStepKernel::halves_hold_weights() const {
  const auto fits = [](const Tensor& weight_FG) {
    return HalfMatrix::can_hold(view(weight_FG), weight_FG.size(0), weight_FG.size(1));
  };
  for (int layer = 0; layer < options_.layers; ++layer) {
    if (!fits(product_weights(layer)) || !fits(weights_[layer].recurrent_HG)) return false;
  }
  return true;
}

void LstmStepKernel::lay_out_floats() {
  for (int layer = 0; layer < options_.layers; ++layer) {
    layers_.push_back({pack(weights_[layer].recurrent_HG), std::nullopt});
    if (input_features(layer) > 0) layers_.back().input = pack(product_weights(layer));
  }
}

void LstmStepKernel::lay_out_halves() {
  const std::int64_t hidden = options_.hidden;
  const auto gate_by_gate = [&](const Tensor& weight_FG) {
    std::vector<HalfMatrix> gates;
    if (weight_FG.size(0) == 0) return gates;
    for (std::int64_t gate = 0; gate < 4; ++gate) {
      gates.emplace_back(view(weight_FG.narrow(1, gate * hidden, hidden)), weight_FG.size(0),
                         hidden);
    }
    return gates;
  };
  for (int layer = 0; layer < options_.layers; ++layer) {
    half_layers_.push_back({gate_by_gate(weights_[layer].recurrent_HG.detach()),
                            gate_by_gate(product_weights(layer))});
  }
}

Tensor LstmStepKernel::prepare_constant(const Tensor& constant_NC) const {
  const torch::NoGradGuard no_grad;
  const auto& bias_G = weights_[0].bias_G;
  if (options_.constant_features == 0) return bias_G.detach().unsqueeze(0);
  TORCH_CHECK(constant_NC.dim() == 2 && constant_NC.size(1) == options_.constant_features,
              "the LSTM takes constants of ", options_.constant_features, " features");
  const auto constant = constant_NC.contiguous();
  const auto& input_IG = weights_[0].input_IG;
  const auto weight_CG =
      input_IG.narrow(0, input_IG.size(0) - options_.constant_features, options_.constant_features);
  auto base_NG = bias_G.repeat({constant.size(0), 1});
  for_ranges(base_NG.size(0), 1, [&](std::int64_t begin, std::int64_t end) {
    multiply({end - begin, base_NG.size(1), weight_CG.size(0)},
             {row_of(constant, begin), constant.stride(0)}, view(weight_CG), true,
             row_of(base_NG, begin), base_NG.stride(0));
  });
  return base_NG;
}

void LstmStepKernel::start(std::int64_t sequences, const Tensor& base_NG) {
  few_ = sequences <= kFewSequences;
  if (few_ && !halves_fit_) halves_fit_ = halves_hold_weights();
  few_ = few_ && *halves_fit_;
  if (few_ && half_layers_.empty()) lay_out_halves();
  if (!few_ && layers_.empty()) lay_out_floats();
  base_NG_ = base_NG;
  recurrent_NG_ = torch::empty({sequences, 4 * options_.hidden});
  input_NG_ = torch::empty({sequences, 4 * options_.hidden});
  next_h_NH_ = torch::empty({sequences, options_.hidden});
}

void LstmStepKernel::step(const Tensor& tokens_N, const Tensor& dense_NF, const LstmState& state) {
  const auto tokens = tokens_N.defined() ? tokens_N.contiguous() : Tensor{};
  const auto dense = dense_NF.defined() ? dense_NF.contiguous() : Tensor{};
  const Step step{tokens.defined() ? checked_tokens(tokens, options_.token_classes) : nullptr,
                  dense.defined() ? dense.data_ptr<float>() : nullptr, state};
  if (few_) return step_few(step);
  const auto work = 8 * options_.hidden * options_.hidden;  // of one sequence in one layer
  for_ranges(recurrent_NG_.size(0), ceil_div(kLeastWork, work),
             [&](std::int64_t begin, std::int64_t end) { run_sequences(begin, end, step); });
}

/// All of row `n` but the products.
GatesForward LstmStepKernel::gates_row(int layer, std::int64_t n, const Step& step) const {
  GatesForward row{};
  row.recurrent = row.gates = row_of(recurrent_NG_, n);
  row.input = row_of(zeros_G_, 0);
  const auto token = layer == 0 && step.tokens_N ? step.tokens_N[n] : -1;
  row.token = token >= 0 ? row_of(weights_[0].input_IG, token) : row_of(zeros_G_, 0);
  row.base = layer > 0 ? weights_[layer].bias_G.data_ptr<float>()
                       : row_of(base_NG_, base_NG_.size(0) > 1 ? n : 0);
  row.c = row.c_history = row_of(step.state.c_LNH[layer], n);
  row.h = row.output = row_of(step.state.h_LNH[layer], n);
  return row;
}

void LstmStepKernel::step_few(const Step& step) {
  const auto hidden = options_.hidden;
  const float* input_NF = step.dense_NF;
  for (int layer = 0; layer < options_.layers; ++layer) {
    const auto inner = hidden + input_features(layer);
    const auto least_panels = ceil_div(kLeastReading, 4 * HalfMatrix::kPanel * inner);
    for_ranges(ceil_div(hidden, HalfMatrix::kPanel), least_panels,
               [&](std::int64_t begin, std::int64_t end) {
                 for (auto panel = begin; panel < end; ++panel) {
                   run_units(layer, input_NF, panel, step);
                 }
               });
    auto h_NH = step.state.h_LNH[layer];
    h_NH.copy_(next_h_NH_);
    input_NF = h_NH.data_ptr<float>();
  }
}

/// One panel of a layer's units, in all sequences. The new h stands apart until every panel has
/// read the old one.
void LstmStepKernel::run_units(int layer, const float* input_NF, std::int64_t panel,
                               const Step& step) {
  const std::int64_t hidden = options_.hidden;
  const auto first = panel * HalfMatrix::kPanel;
  const auto units = std::min(HalfMatrix::kPanel, hidden - first);
  const auto& [recurrent, input] = half_layers_[layer];
  const auto h_NH = step.state.h_LNH[layer];
  for (std::int64_t n = 0; n < next_h_NH_.size(0); ++n) {
    auto row = gates_row(layer, n, step);
    for (std::int64_t gate = 0; gate < 4; ++gate) {
      float sums[HalfMatrix::kPanel];
      recurrent[gate].multiply(row_of(h_NH, n), panel, false, sums);
      if (!input.empty()) {
        input[gate].multiply(input_NF + n * input_features(layer), panel, true, sums);
      }
      copy_floats(row.gates + gate * hidden + first, sums, units);
    }
    for (const float** part : {&row.recurrent, &row.input, &row.token, &row.base}) *part += first;
    for (float** part : {&row.gates, &row.c, &row.c_history}) *part += first;
    row.h = row.output = row_of(next_h_NH_, n) + first;
    gates_forward(row, hidden, units);
  }
}

void LstmStepKernel::run_sequences(std::int64_t begin, std::int64_t end, const Step& step) const {
  const float* input_NF = step.dense_NF;
  for (int layer = 0; layer < options_.layers; ++layer) {
    const auto& [recurrent, input] = layers_[layer];
    const auto h_NH = step.state.h_LNH[layer];
    recurrent.multiply(row_of(h_NH, begin), end - begin, row_of(recurrent_NG_, begin));
    if (input) {
      input->multiply(input_NF + begin * input_features(layer), end - begin,
                      row_of(input_NG_, begin));
    }
    for (std::int64_t n = begin; n < end; ++n) {
      auto row = gates_row(layer, n, step);
      if (input) row.input = row_of(input_NG_, n);
      gates_forward(row, options_.hidden);
    }
    input_NF = h_NH.data_ptr<float>();
  }
}

}  // namespace musicvae::models
