#include "models/lstm/step_kernel.hpp"

#include <array>
#include <optional>
#include <utility>

#include <torch/utils.h>

#include "models/kernels/lstm_gates.hpp"
#include "models/lstm/layer_parts.hpp"

namespace musicvae::models {
namespace {

using torch::Tensor;

/// Rows that a product in tiles takes at once: no more sequences leave nothing to share out but
/// units.
constexpr std::int64_t kTileRows = 16;

/// More than these take as long to multiply in floats as bytes to read, and more than those are
/// worth full products.
constexpr std::int64_t kVeryFewSequences = 4;
constexpr std::int64_t kFewSequences = 64;

bool in_bytes(std::int64_t sequences) {
  return byte_products_are_fast() &&
         sequences <= (bfloat16_products_are_fast() ? kTileRows : kFewSequences);
}

/// Of weights alone, where products in bytes do not pay.
std::optional<Precision> precision_for(std::int64_t sequences) {
  if (sequences <= kVeryFewSequences) return Precision::kByte;
  if (sequences <= kFewSequences && !bfloat16_products_are_fast()) return Precision::kHalf;
  return std::nullopt;
}

/// Multiply-adds of one step below which waking another thread costs more than it saves: in
/// products, and where reading the weights is what takes time.
constexpr std::int64_t kLeastWork = 1 << 20;
constexpr std::int64_t kLeastReading = 1 << 18;

}  // namespace

LstmStepKernel::LstmStepKernel(const LstmOptions& options, const std::vector<LstmWeights>& weights,
                               std::shared_ptr<const LstmStepWeights> laid_out)
    : options_(options), weights_(weights), laid_out_(std::move(laid_out)) {}

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
  multiply({base_NG.size(0), base_NG.size(1), weight_CG.size(0)}, view(constant), view(weight_CG),
           true, base_NG.data_ptr<float>(), base_NG.stride(0));
  return base_NG;
}

void LstmStepKernel::start(std::int64_t sequences, const Tensor& base_NG) {
  const auto precision = precision_for(sequences);
  const bool fast = bfloat16_products_are_fast();
  bytes_ = in_bytes(sequences) ? laid_out_->bytes() : nullptr;
  compact_ = !bytes_ && precision ? laid_out_->compact(*precision) : nullptr;
  full_ =
      bytes_ || compact_ ? nullptr : &laid_out_->full(fast ? Factors::kBFloat16 : Factors::kFloat);
  base_NG_ = base_NG;
  recurrent_NG_ = torch::empty({sequences, 4 * options_.hidden});
  input_NG_ = torch::empty({sequences, 4 * options_.hidden});
  next_h_NH_ = torch::empty({sequences, options_.hidden});
}

void LstmStepKernel::check(const Tensor& tokens_N, const Tensor& dense_NF) const {
  const std::int64_t classes = options_.token_classes;
  const std::int64_t features = options_.dense_features;
  TORCH_CHECK(tokens_N.defined() == (classes > 0) && dense_NF.defined() == (features > 0),
              "a step takes what its LSTM has weights for, and that only");
  TORCH_CHECK(classes == 0 || tokens_N.sizes() == torch::IntArrayRef{sequences()},
              "a step takes a token for each of ", sequences(), " sequences");
  TORCH_CHECK(features == 0 || dense_NF.sizes() == torch::IntArrayRef({sequences(), features}),
              "a step takes ", features, " features for each of ", sequences(), " sequences");
  if (classes == 0) return;
  const auto* tokens = tokens_N.data_ptr<std::int64_t>();
  for (std::int64_t n = 0; n < sequences(); ++n) {
    TORCH_CHECK(-1 <= tokens[n] && tokens[n] < classes, "token ", tokens[n], " is not -1 to ",
                classes - 1);
  }
}

void LstmStepKernel::step(const Tensor& tokens_N, const Tensor& dense_NF, const LstmState& state) {
  const auto tokens = tokens_N.defined() ? tokens_N.contiguous() : Tensor{};
  const auto dense = dense_NF.defined() ? dense_NF.contiguous() : Tensor{};
  check(tokens, dense);
  const Step step{tokens.defined() ? tokens.data_ptr<std::int64_t>() : nullptr,
                  dense.defined() ? dense.data_ptr<float>() : nullptr,
                  state.h_LNH.data_ptr<float>(), state.c_LNH.data_ptr<float>()};
  if (!full_) return step_few(step);
  const auto work = 8 * options_.hidden * options_.hidden;  // of one sequence in one layer
  const auto at_once = bfloat16_products_are_fast() ? kTileRows : 1;
  for_ranges(sequences(), std::max(at_once, ceil_div(kLeastWork, work)),
             [&](std::int64_t begin, std::int64_t end) { run_sequences(begin, end, step); });
}

/// All of row `n` but the products.
GatesForward<float> LstmStepKernel::gates_row(int layer, std::int64_t n, const Step& step) const {
  GatesForward<float> row{};
  row.recurrent = row.gates = row_of(recurrent_NG_, n);
  const bool apart = full_ && (layer > 0 || step.dense_NF);
  row.input = apart ? row_of(input_NG_, n) : nullptr;
  const auto token = layer == 0 && step.tokens_N ? step.tokens_N[n] : -1;
  row.token = token >= 0 ? row_of(weights_[0].input_IG, token) : nullptr;
  row.base = layer > 0 ? weights_[layer].bias_G.data_ptr<float>()
                       : row_of(base_NG_, base_NG_.size(0) > 1 ? n : 0);
  row.c = row.c_history = layer_of(step.c_LNH, layer) + n * options_.hidden;
  row.h = row.output = layer_of(step.h_LNH, layer) + n * options_.hidden;
  return row;
}

void LstmStepKernel::step_few(const Step& step) {
  const std::int64_t hidden = options_.hidden;
  const auto panel_units = bytes_ ? laid_out_->byte_panel() : CompactMatrix::kPanel;
  const float* input_NF = step.dense_NF;
  for (int layer = 0; layer < options_.layers; ++layer) {
    if (bytes_) {
      rounded_h_.round(layer_of(step.h_LNH, layer), sequences(), hidden);
      rounded_input_.round(input_NF, sequences(), input_features(layer));
    }
    const auto inner = hidden + input_features(layer);
    const auto panel_work = 4 * panel_units * inner * ceil_div(sequences(), kVeryFewSequences);
    const auto least_panels = ceil_div(kLeastReading, panel_work);
    for_ranges(ceil_div(hidden, panel_units), least_panels,
               [&](std::int64_t begin, std::int64_t end) {
                 for (auto panel = begin; panel < end; ++panel) {
                   const auto first = panel * panel_units;
                   const Units units{panel, first, std::min(panel_units, hidden - first)};
                   run_units(layer, input_NF, units, step);
                 }
               });
    auto* h_NH = layer_of(step.h_LNH, layer);
    copy_floats(h_NH, next_h_NH_.data_ptr<float>(), next_h_NH_.numel());
    input_NF = h_NH;
  }
}

/// One panel of a layer's units, in all sequences. The new h stands apart until every panel has
/// read the old one.
void LstmStepKernel::run_units(int layer, const float* input_NF, const Units& units,
                               const Step& step) {
  if (bytes_) {
    multiply_bytes(layer, units);
  } else {
    multiply_compact(layer, input_NF, units, step);
  }
  for (std::int64_t n = 0; n < sequences(); ++n) {
    auto row = gates_row(layer, n, step);
    for (const float** part : {&row.recurrent, &row.base, &row.input, &row.token}) {
      if (*part) *part += units.first;
    }
    for (float** part : {&row.gates, &row.c, &row.c_history}) *part += units.first;
    row.h = row.output = row_of(next_h_NH_, n) + units.first;
    gates_forward(row, options_.hidden, units.count);
  }
}

/// Their sums, to recurrent_NG_.
void LstmStepKernel::multiply_bytes(int layer, const Units& units) const {
  thread_local std::vector<float> sums;
  sums.resize(static_cast<std::size_t>(4 * sequences() * units.count));
  const auto& [recurrent, input] = (*bytes_)[static_cast<std::size_t>(layer)];
  const auto panel = static_cast<std::size_t>(units.panel);
  recurrent[panel].multiply(rounded_h_, false, sums.data());
  if (!input.empty()) input[panel].multiply(rounded_input_, true, sums.data());
  for (std::int64_t n = 0; n < sequences(); ++n) {
    for (std::int64_t gate = 0; gate < 4; ++gate) {
      copy_floats(row_of(recurrent_NG_, n) + gate * options_.hidden + units.first,
                  sums.data() + (4 * n + gate) * units.count, units.count);
    }
  }
}

/// The same, of compact weights.
void LstmStepKernel::multiply_compact(int layer, const float* input_NF, const Units& units,
                                      const Step& step) const {
  const auto& [recurrent, input] = (*compact_)[static_cast<std::size_t>(layer)];
  const MatrixView h{layer_of(step.h_LNH, layer), options_.hidden};
  const MatrixView below{input_NF, input_features(layer)};
  for (std::int64_t gate = 0; gate < 4; ++gate) {
    std::array<float, kFewSequences * CompactMatrix::kPanel> sums;
    recurrent[gate].multiply(h, sequences(), units.panel, false, sums.data());
    if (!input.empty()) input[gate].multiply(below, sequences(), units.panel, true, sums.data());
    for (std::int64_t n = 0; n < sequences(); ++n) {
      copy_floats(row_of(recurrent_NG_, n) + gate * options_.hidden + units.first,
                  sums.data() + n * CompactMatrix::kPanel, units.count);
    }
  }
}

void LstmStepKernel::run_sequences(std::int64_t begin, std::int64_t end, const Step& step) const {
  const float* input_NF = step.dense_NF;
  for (int layer = 0; layer < options_.layers; ++layer) {
    const auto& [recurrent, input] = (*full_)[static_cast<std::size_t>(layer)];
    const auto* h_NH = layer_of(step.h_LNH, layer);
    recurrent.multiply(h_NH + begin * options_.hidden, end - begin, row_of(recurrent_NG_, begin));
    if (input) {
      input->multiply(input_NF + begin * input_features(layer), end - begin,
                      row_of(input_NG_, begin));
    }
    for (std::int64_t n = begin; n < end; ++n) {
      gates_forward(gates_row(layer, n, step), options_.hidden);
    }
    input_NF = h_NH;
  }
}

}  // namespace musicvae::models
