#pragma once

#include <torch/types.h>

#include "models/config.hpp"
#include "models/lstm/lstm.hpp"

/// Rows as what an LSTM reads, for both row kinds. "No row" (before the first) is -1, or zeros.
namespace musicvae::models {

/// What an LSTM over rows reads besides the rows.
struct RowContext {
  int dense_features = 0;     ///< At every step.
  int constant_features = 0;  ///< Once a sequence.
};

/// The layers of an LSTM over the rows of `config`.
LstmOptions row_lstm_options(const ModelConfig& config, const StackSize& size,
                             const RowContext& context);

/// Rows [N, T] or [N, T, W], and features of each step [N, T, F], undefined or F = 0 where there
/// are none. For a single step all of them without T.
LstmInput row_input(RowKind kind, const torch::Tensor& rows, const torch::Tensor& dense_NTF = {});

/// `count` times no row: [count], or [count, W]. dtype and device of the rows `like`.
torch::Tensor no_rows(const ModelConfig& config, std::int64_t count, const torch::Tensor& like);

/// The row before each row: first_N, then all but the last of rows_NT. Bits likewise, with W last.
torch::Tensor previous_rows(const torch::Tensor& first_N, const torch::Tensor& rows_NT);

}  // namespace musicvae::models
