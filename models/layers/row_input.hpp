#pragma once

#include <torch/types.h>

#include "models/config.hpp"
#include "models/lstm/lstm.hpp"

/// Rows in the form in which an LSTM reads them, for both row kinds. "No row", which stands before
/// the first row, is -1 for tokens and zeros for bits.
namespace musicvae::models {

/// Widths of the inputs that an LSTM over rows reads besides the rows.
struct RowContext {
  int dense_features = 0;     ///< A vector for each step.
  int constant_features = 0;  ///< A vector for each sequence.
};

/// The options of an LSTM over the rows of `config`.
LstmOptions row_lstm_options(const ModelConfig& config, const StackSize& size,
                             const RowContext& context);

/// The input for rows [N, T] or [N, T, W] and for features of each step, [N, T, F]; without
/// features these are undefined or F is 0. For a single step all of them are without T.
LstmInput row_input(RowKind kind, const torch::Tensor& rows, const torch::Tensor& dense_NTF = {});

/// `count` times "no row", [count] or [count, W], with the type and device of the rows `like`.
torch::Tensor no_rows(const ModelConfig& config, std::int64_t count, const torch::Tensor& like);

/// The row before each row of rows_NT: first_N, then all but the last. Bits have W last.
torch::Tensor previous_rows(const torch::Tensor& first_N, const torch::Tensor& rows_NT);

}  // namespace musicvae::models
