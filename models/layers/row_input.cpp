#include "models/layers/row_input.hpp"

namespace musicvae::models {

LstmOptions row_lstm_options(const ModelConfig& config, const StackSize& size,
                             const RowContext& context) {
  const bool bits = config.row_kind == RowKind::kBits;
  LstmOptions options;
  options.token_classes = bits ? 0 : config.row_width;
  options.dense_features = context.dense_features + (bits ? config.row_width : 0);
  options.constant_features = context.constant_features;
  options.hidden = size.hidden;
  options.layers = size.layers;
  return options;
}

LstmInput row_input(RowKind kind, const torch::Tensor& rows, const torch::Tensor& dense_NTF) {
  const bool has_dense = dense_NTF.defined() && dense_NTF.size(-1) > 0;
  LstmInput input;
  if (has_dense) input.dense_NTF = dense_NTF;
  if (kind == RowKind::kTokens) {
    input.tokens_NT = rows;
  } else {
    input.dense_NTF = has_dense ? torch::cat({rows, dense_NTF}, -1) : rows;
  }
  return input;
}

torch::Tensor no_rows(const ModelConfig& config, std::int64_t count, const torch::Tensor& like) {
  if (config.row_kind == RowKind::kBits) {
    return torch::zeros({count, config.row_width}, like.options());
  }
  return torch::full({count}, -1, like.options());
}

torch::Tensor previous_rows(const torch::Tensor& first_N, const torch::Tensor& rows_NT) {
  return torch::cat({first_N.unsqueeze(1), rows_NT.narrow(1, 0, rows_NT.size(1) - 1)}, 1);
}

}  // namespace musicvae::models
